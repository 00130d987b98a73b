//! Every route of the API, in one place: the functions are checked against it when they are built, `template.yaml` by a test.

pub use crate::function::Function;
use axum::http::Method;
use carteiro_core::scope::Scope;
use carteiro_core::session::RESERVED;

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

/// Which version of the contract a route is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// V2: also under `/api`; failures have a code.
    V2,
    /// V1, whose documented paths begin with the session's name: also under `/v1`, `/api` and `/api/v1`. A credential may stand in the
    /// query, and failures have V1's shapes.
    V1,
}

impl Style {
    /// What its paths may also begin with, the longest first, and nothing last.
    fn prefixes(self) -> &'static [&'static str] {
        match self {
            Style::V2 => &[PREFIX, ""],
            Style::V1 => &["/api/v1", PREFIX, V1, ""],
        }
    }
}

/// One route: what it answers to and who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path as axum writes it, without the prefixes that it also answers to.
    pub path: &'static str,
    /// Who answers.
    pub function: Function,
    /// Who may ask.
    pub access: Access,
    /// Which version of the contract it is of.
    pub style: Style,
}

impl Route {
    /// Every path that it answers to, as axum writes it.
    pub fn paths(&self) -> Vec<String> {
        self.prefixed(self.path)
    }

    /// The paths that the gateway leads to its function by. V1's routes below a session share one: the gateway has fewer routes
    /// then, and takes the most specific one that matches, so that no path of V2 is lost to it.
    pub fn gateway_paths(&self) -> Vec<String> {
        let below_a_session = self.path.strip_prefix(SESSION).is_some_and(|rest| rest.starts_with('/'));
        self.prefixed(if below_a_session { "/{sessao}/{rota}" } else { self.path })
    }

    /// Whether its path names a session.
    pub(crate) fn names_a_session(&self) -> bool {
        self.path.starts_with(SESSION)
    }

    fn prefixed(&self, path: &str) -> Vec<String> {
        self.style.prefixes().iter().rev().map(|prefix| format!("{prefix}{path}")).collect()
    }
}

/// The segment of a path that names a session.
const SESSION: &str = "/{sessao}";
/// What V1's paths may also begin with.
const V1: &str = "/v1";

const SEND: Access = Access::Tenant(Scope::Send);
const READ: Access = Access::Tenant(Scope::Read);
const MANAGE: Access = Access::Tenant(Scope::Manage);

const fn route(method: Method, path: &'static str, function: Function, access: Access) -> Route {
    Route { method, path, function, access, style: Style::V2 }
}

const fn v1(method: Method, path: &'static str, access: Access) -> Route {
    Route { method, path, function: Function::Sessions, access, style: Style::V1 }
}

/// Every route. Each also answers under `/api`, V1's also under `/v1`.
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
    route(Method::GET, "/v2/privacy/export", Function::Users, MANAGE),
    route(Method::POST, "/v2/privacy/erase", Function::Users, MANAGE),
    route(Method::GET, "/v2/privacy/operations/{operation_id}", Function::Users, MANAGE),
    route(Method::GET, "/v2/privacy/retention", Function::Users, MANAGE),
    route(Method::PUT, "/v2/privacy/retention", Function::Users, MANAGE),
    route(Method::GET, "/v2/numbers", Function::Numbers, READ),
    route(Method::POST, "/v2/numbers", Function::Numbers, MANAGE),
    route(Method::PUT, "/v2/numbers", Function::Numbers, MANAGE),
    route(Method::DELETE, "/v2/numbers", Function::Numbers, MANAGE),
    route(Method::POST, "/v2/numbers/add", Function::Numbers, MANAGE),
    route(Method::GET, "/v2/numbers/status", Function::Numbers, READ),
    route(Method::GET, "/v2/numbers/connect", Function::Numbers, MANAGE),
    route(Method::POST, "/v2/numbers/disconnect", Function::Numbers, MANAGE),
    route(Method::GET, "/v2/numbers/pace", Function::Numbers, READ),
    route(Method::PUT, "/v2/numbers/pace", Function::Numbers, MANAGE),
    route(Method::POST, "/v2/sends", Function::Sends, SEND),
    route(Method::POST, "/v1/send/{media_type}", Function::Sends, SEND),
    route(Method::POST, "/v2/upload/sends", Function::Sends, SEND),
    route(Method::POST, "/v2/uploads", Function::Sends, SEND),
    route(Method::GET, "/v2/sends/{send_id}", Function::Sends, READ),
    route(Method::DELETE, "/v2/sends/{send_id}", Function::Sends, SEND),
    route(Method::POST, "/v2/sends/bulk", Function::Bulk, SEND),
    route(Method::GET, "/v2/sends/bulk", Function::Bulk, READ),
    route(Method::GET, "/v2/sends/bulk/{operation_id}", Function::Bulk, READ),
    route(Method::GET, "/v2/sends/bulk/{operation_id}/sends", Function::Bulk, READ),
    route(Method::POST, "/v2/sends/bulk/{operation_id}/pause", Function::Bulk, SEND),
    route(Method::POST, "/v2/sends/bulk/{operation_id}/resume", Function::Bulk, SEND),
    route(Method::POST, "/v2/sends/bulk/{operation_id}/cancel", Function::Bulk, SEND),
    route(Method::GET, "/v2/reports/sends", Function::Reports, READ),
    route(Method::GET, "/v2/reports/exports/{export_id}", Function::Reports, READ),
    route(Method::PUT, "/v2/webhooks", Function::Receivers, MANAGE),
    route(Method::GET, "/v2/webhooks", Function::Receivers, MANAGE),
    route(Method::DELETE, "/v2/webhooks", Function::Receivers, MANAGE),
    route(Method::POST, "/v2/webhooks/secret", Function::Receivers, MANAGE),
    route(Method::POST, "/v2/webhooks/test", Function::Receivers, MANAGE),
    route(Method::GET, "/v2/webhooks/deliveries", Function::Receivers, MANAGE),
    route(Method::POST, "/v2/webhooks/deliveries/redrive", Function::Receivers, MANAGE),
    route(Method::POST, "/v2/webhooks/deliveries/{event_id}/redrive", Function::Receivers, MANAGE),
    route(Method::GET, "/v2/operator/plans", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}", Function::Operator, Access::Operator),
    route(Method::PUT, "/v2/operator/users/{user_id}", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}/numbers", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}/usage", Function::Operator, Access::Operator),
    route(Method::GET, "/v2/operator/users/{user_id}/privacy/export", Function::Users, Access::Operator),
    route(Method::POST, "/v2/operator/users/{user_id}/privacy/erase", Function::Users, Access::Operator),
    route(Method::GET, "/v2/operator/privacy/operations/{operation_id}", Function::Users, Access::Operator),
    route(Method::GET, "/v2/operator/audit", Function::Operator, Access::Operator),
    route(Method::GET, "/openapi.json", Function::Docs, Access::Public),
    route(Method::GET, "/docs", Function::Docs, Access::Public),
    route(Method::GET, "/docs/{file}", Function::Docs, Access::Public),
    v1(Method::GET, "/rotas", READ),
    v1(Method::GET, "/sessions", READ),
    v1(Method::GET, "/{sessao}/autenticacao", MANAGE),
    v1(Method::GET, "/{sessao}/qrcode", MANAGE),
    v1(Method::GET, "/{sessao}/sair", MANAGE),
    v1(Method::GET, "/{sessao}/me", READ),
    v1(Method::GET, "/{sessao}/conexao", READ),
    v1(Method::GET, "/{sessao}/conversas", READ),
    v1(Method::GET, "/{sessao}/conversascommsgs", READ),
    v1(Method::GET, "/{sessao}/conversasnlidas", READ),
    v1(Method::GET, "/{sessao}/todoscontatos", READ),
    v1(Method::GET, "/{sessao}/novocontatovalidar", READ),
    v1(Method::GET, "/{sessao}/novocontato", SEND),
    v1(Method::GET, "/{sessao}/chatonline", READ),
    v1(Method::GET, "/{sessao}/status", READ),
    v1(Method::GET, "/{sessao}/visualizar", SEND),
    v1(Method::GET, "/{sessao}/marcarnlido", SEND),
    v1(Method::GET, "/{sessao}/foto", READ),
    v1(Method::GET, "/{sessao}/mensagens", READ),
    v1(Method::GET, "/{sessao}/mensagensgroup", READ),
    v1(Method::GET, "/{sessao}/carregarmaismensagens", READ),
    v1(Method::GET, "/{sessao}/todasmensagens", READ),
    v1(Method::GET, "/{sessao}/enviarmsg", SEND),
    v1(Method::GET, "/{sessao}/encaminharmsg", SEND),
    v1(Method::GET, "/{sessao}/enviarcontato", SEND),
    v1(Method::GET, "/{sessao}/grupos", READ),
    v1(Method::GET, "/{sessao}/grupointegrantes", READ),
    v1(Method::GET, "/{sessao}/grupoentrar", SEND),
    v1(Method::GET, "/{sessao}/gruposair", SEND),
    v1(Method::POST, "/{sessao}/desfile", READ),
    v1(Method::POST, "/{sessao}/enviarimagem", SEND),
    v1(Method::POST, "/{sessao}/enviardoc", SEND),
    v1(Method::POST, "/{sessao}/enviaraudio", SEND),
];

/// The prefix that every path also answers under.
pub const PREFIX: &str = "/api";

/// The route of a method and a path as axum matched it, prefixed or not. HEAD is answered where GET is, so it is the same route.
pub(crate) fn find(method: &Method, matched: &str) -> Option<&'static Route> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    of_path(matched, |pattern, path| pattern == path).find(|route| route.method == *method)
}

/// The methods that a request's path has routes for; empty when it is no path of ours.
pub(crate) fn methods_of(path: &str) -> Vec<&'static Method> {
    of_path(path, matches).map(|route| &route.method).collect()
}

/// In which version's shape a request's path is answered: in V2's what is a path of V2; in V1's what is one of V1, or would be if
/// there were such a route below a session.
pub(crate) fn style_of(path: &str) -> Style {
    if let Some(style) = of_path(path, matches).map(|route| route.style).min() {
        return style;
    }
    let mut below = unprefixed(path).split('/').skip(1);
    match (below.next(), below.next(), below.next()) {
        (Some(session), Some(_), None) if may_name_a_session(session) => Style::V1,
        _ => Style::V2,
    }
}

/// The routes of a path, which `same` compares with each route's own.
fn of_path(path: &str, same: fn(&str, &str) -> bool) -> impl Iterator<Item = &'static Route> {
    let without_api = path.strip_prefix(PREFIX).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let bare = unprefixed(path);
    ROUTES.iter().filter(move |route| {
        same(route.path, without_api) || (route.style == Style::V1 && same(route.path, bare))
    })
}

/// A path without `/api` and `/v1`.
fn unprefixed(path: &str) -> &str {
    [PREFIX, V1].iter().fold(path, |path, prefix| {
        path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path)
    })
}

fn may_name_a_session(segment: &str) -> bool {
    !segment.is_empty() && !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(segment))
}

fn matches(pattern: &str, path: &str) -> bool {
    let named = pattern.split('/').zip(path.split('/')).find(|(segment, _)| *segment == "{sessao}");
    fits(pattern, path) && named.is_none_or(|(_, given)| may_name_a_session(given))
}

/// Whether a router takes a path for one of this pattern.
fn fits(pattern: &str, path: &str) -> bool {
    let takes =
        |(segment, given): (&str, &str)| segment == given || (segment.starts_with('{') && !given.is_empty());
    pattern.split('/').count() == path.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(takes)
}

/// What stands in a request's path before a path of the function; nothing where it is such a path as it is, or none of the function's.
pub(crate) fn prefix_of(function: Function, path: &str) -> &'static str {
    let own = || ROUTES.iter().filter(|route| route.function == function);
    let stands =
        |prefix: &str, route: &Route| path.strip_prefix(prefix).is_some_and(|rest| fits(route.path, rest));
    let found = Style::V1
        .prefixes()
        .iter()
        .find(|prefix| own().any(|route| route.style.prefixes().contains(prefix) && stands(prefix, route)));
    found.copied().unwrap_or_default()
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

    #[test]
    fn paths_of_v1_are_found_under_all_their_prefixes() {
        for prefix in ["", "/v1", "/api", "/api/v1"] {
            let conversas = find(&Method::GET, &format!("{prefix}/{{sessao}}/conversas")).unwrap();
            assert!(conversas.paths().contains(&format!("{prefix}/{{sessao}}/conversas")));
            assert!(conversas.gateway_paths().contains(&format!("{prefix}/{{sessao}}/{{rota}}")));
            assert_eq!(methods_of(&format!("{prefix}/Minha%20loja/conversas")), [&Method::GET]);
            assert_eq!(style_of(&format!("{prefix}/Minha%20loja/nada")), Style::V1);
            assert_eq!(style_of(&format!("{prefix}/rotas")), Style::V1);
        }
        // The first segment is ours: it names no session.
        for path in [
            "/v2/conversas",
            "/api/v2/conversas",
            "/openapi.json/conversas",
            "/api/conversas",
            "/V2/conversas",
        ] {
            assert!(methods_of(path).is_empty(), "{path}");
            assert_eq!(style_of(path), Style::V2, "{path}");
        }
        assert_eq!(methods_of("/Loja/desfile"), [&Method::POST]);
        assert_eq!(style_of("/v2/sends"), Style::V2);
        assert_eq!(style_of("/v1/send/text"), Style::V2);
        assert_eq!(style_of("/nada"), Style::V2);
    }
}
