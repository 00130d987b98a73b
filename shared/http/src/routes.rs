//! Every route of the API, in one place: the functions are checked against it when they are built, `template.yaml` by a test.

use axum::http::Method;
use carteiro_core::scope::Scope;

/// A function that answers HTTP requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// `functions/auth`.
    Auth,
    /// `functions/users`.
    Users,
    /// `functions/numbers`.
    Numbers,
    /// `functions/sends`.
    Sends,
    /// `functions/reports`.
    Reports,
    /// `functions/operator`.
    Operator,
    /// `functions/docs`.
    Docs,
}

impl Function {
    /// Its name, as in `functions/<name>` and `carteiro-<name>`.
    pub fn name(self) -> &'static str {
        match self {
            Function::Auth => "auth",
            Function::Users => "users",
            Function::Numbers => "numbers",
            Function::Sends => "sends",
            Function::Reports => "reports",
            Function::Operator => "operator",
            Function::Docs => "docs",
        }
    }
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; counted by the address that the request came from.
    Public,
    /// The operator, by the administration token.
    Operator,
    /// A tenant, by a JWT or by an API token that has the scope.
    Tenant(Scope),
}

/// One route: what it answers to and who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path as axum and API Gateway both write it, without the `/api` prefix that it also answers to.
    pub path: &'static str,
    /// Who answers.
    pub function: Function,
    /// Who may ask.
    pub access: Access,
}

const SEND: Access = Access::Tenant(Scope::Send);
const READ: Access = Access::Tenant(Scope::Read);
const MANAGE: Access = Access::Tenant(Scope::Manage);

const fn route(method: Method, path: &'static str, function: Function, access: Access) -> Route {
    Route { method, path, function, access }
}

/// Every route. Each also answers under `/api`.
pub const ROUTES: &[Route] = &[
    route(Method::POST, "/v2/auth/otp/request", Function::Auth, Access::Public),
    route(Method::POST, "/v2/auth/otp/validate", Function::Auth, Access::Public),
    route(Method::POST, "/v2/users/register", Function::Users, Access::Operator),
    route(Method::POST, "/v2/users/login", Function::Users, Access::Public),
    route(Method::POST, "/v2/users/remove", Function::Users, MANAGE),
    route(Method::GET, "/v2/tokens", Function::Users, MANAGE),
    route(Method::POST, "/v2/tokens", Function::Users, MANAGE),
    route(Method::POST, "/v2/tokens/{token_id}/rotate", Function::Users, MANAGE),
    route(Method::DELETE, "/v2/tokens/{token_id}", Function::Users, MANAGE),
    route(Method::GET, "/v2/numbers", Function::Numbers, READ),
    route(Method::POST, "/v2/numbers", Function::Numbers, MANAGE),
    route(Method::PUT, "/v2/numbers", Function::Numbers, MANAGE),
    route(Method::DELETE, "/v2/numbers", Function::Numbers, MANAGE),
    route(Method::POST, "/v2/numbers/add", Function::Numbers, MANAGE),
    route(Method::GET, "/v2/numbers/status", Function::Numbers, READ),
    route(Method::GET, "/v2/numbers/connect", Function::Numbers, MANAGE),
    route(Method::POST, "/v2/numbers/disconnect", Function::Numbers, MANAGE),
    route(Method::POST, "/v2/sends", Function::Sends, SEND),
    route(Method::POST, "/v1/send/{media_type}", Function::Sends, SEND),
    route(Method::POST, "/v2/upload/sends", Function::Sends, SEND),
    route(Method::POST, "/v2/uploads", Function::Sends, SEND),
    route(Method::GET, "/v2/sends/{send_id}", Function::Sends, READ),
    route(Method::DELETE, "/v2/sends/{send_id}", Function::Sends, SEND),
    route(Method::GET, "/v2/reports/sends", Function::Reports, READ),
    route(Method::GET, "/v2/reports/exports/{export_id}", Function::Reports, READ),
    route(Method::GET, "/v2/operator/plans", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}", Function::Operator, Access::Operator),
    route(Method::PUT, "/v2/operator/users/{user_id}", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}/numbers", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}/usage", Function::Operator, Access::Operator),
    route(Method::GET, "/openapi.json", Function::Docs, Access::Public),
    route(Method::GET, "/docs", Function::Docs, Access::Public),
    route(Method::GET, "/docs/{file}", Function::Docs, Access::Public),
];

/// The prefix that every path also answers under.
pub const PREFIX: &str = "/api";

/// The route of a method and a path as axum matched it, `/api` or not. HEAD is answered where GET is, so it is the same route.
pub(crate) fn find(method: &Method, matched: &str) -> Option<&'static Route> {
    let path = matched.strip_prefix(PREFIX).filter(|rest| rest.starts_with('/')).unwrap_or(matched);
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    ROUTES.iter().find(|route| route.path == path && route.method == *method)
}

/// The methods that a request's path has routes for; empty when it is no path of ours.
pub(crate) fn methods_of(path: &str) -> Vec<&'static Method> {
    let path = path.strip_prefix(PREFIX).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    ROUTES.iter().filter(|route| matches(route.path, path)).map(|route| &route.method).collect()
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(p), Some(given)) if p == given || (p.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_route_of_a_matched_path() {
        let of = |method: Method, path: &str| find(&method, path).map(|route| route.access);
        assert_eq!(of(Method::DELETE, "/api/v2/sends/{send_id}"), Some(Access::Tenant(Scope::Send)));
        assert_eq!(of(Method::GET, "/v2/sends/{send_id}"), Some(Access::Tenant(Scope::Read)));
        assert_eq!(of(Method::HEAD, "/v2/numbers"), of(Method::GET, "/v2/numbers"));
        assert_eq!(of(Method::PATCH, "/v2/numbers"), None);
    }

    #[test]
    fn finds_the_methods_of_a_path() {
        assert_eq!(methods_of("/v2/sends/abc"), [&Method::GET, &Method::DELETE]);
        assert_eq!(methods_of("/api/v2/numbers").len(), 4);
        assert!(methods_of("/v2/sends/").is_empty() && methods_of("/apiv2/sends").is_empty());
        assert!(methods_of("/").is_empty() && methods_of("/v2/sends/a/b").is_empty());
    }
}
