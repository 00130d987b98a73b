//! Puts a function's routes together.

use crate::answer::ApiError;
use crate::edge;
use crate::gate::{self, Gate};
use crate::prefix;
use crate::routes::{self, Function, ROUTES, Route};
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use carteiro_core::error::Code;
use std::sync::Arc;

/// A function's routes do not agree with the table, or the table with itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the routes of {function} do not agree with the route table: {difference}")]
pub struct RoutesDiffer {
    function: &'static str,
    difference: String,
}

/// Collects the handlers of one function's routes. [`Api::behind`] makes a router of them that also does what is the same for
/// all: answers under every prefix, 404 and 405 in the error shape, request ids, the log line, and 500 for a panic.
pub struct Api<S> {
    function: Function,
    router: Router<S>,
    served: Vec<(Method, &'static str)>,
    unknown: Option<String>,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    /// The routes of `function`.
    pub fn new(function: Function) -> Self {
        Self { function, router: Router::new(), served: Vec::new(), unknown: None }
    }

    /// Answers one route of the table with `handler`.
    #[must_use]
    pub fn route<H, T>(mut self, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        match MethodFilter::try_from(method.clone()) {
            Ok(filter) => {
                // What is not in the table is refused by `behind`.
                if ROUTES.iter().any(|route| route.path == path && route.method == method) {
                    self.router = self.router.route(path, on(filter, handler));
                }
                self.served.push((method, path));
            }
            Err(_) => self.unknown = Some(method.to_string()),
        }
        self
    }

    /// The router behind a gate, if it serves exactly what the table says and the gate can guard it.
    pub fn behind(self, gate: Arc<Gate>, state: S) -> Result<Router, RoutesDiffer> {
        self.agrees_with_the_table()?;
        if let Some(lack) = gate.lacks(self.function) {
            return Err(RoutesDiffer { function: self.function.name(), difference: lack.to_owned() });
        }
        let router = self
            .router
            .fallback(unknown_route)
            .method_not_allowed_fallback(unknown_route)
            .layer(axum::middleware::from_fn_with_state(gate, gate::pass))
            .layer(axum::middleware::from_fn(edge::answer))
            .with_state(state);
        // Around the router, as a router's own layers come when it has found the route.
        Ok(Router::new()
            .fallback_service(router)
            .layer(axum::middleware::map_request_with_state(self.function, prefix::leave_out)))
    }

    fn agrees_with_the_table(&self) -> Result<(), RoutesDiffer> {
        let differ = |difference| Err(RoutesDiffer { function: self.function.name(), difference });
        if let Some(method) = &self.unknown {
            return differ(format!("{method} is no method to route"));
        }
        let wanted: Vec<&Route> = ROUTES.iter().filter(|route| route.function == self.function).collect();
        for (method, path) in &self.served {
            if !wanted.iter().any(|route| route.path == *path && route.method == *method) {
                return differ(format!("{method} {path} is not in it"));
            }
        }
        for route in wanted {
            if !self.served.iter().any(|(method, path)| *path == route.path && *method == route.method) {
                return differ(format!("{} {} is not served", route.method, route.path));
            }
        }
        Ok(())
    }
}

/// 405 for a path that another method has, wherever in the API that is, else 404: the gateway sends one function what no
/// route takes.
async fn unknown_route(request: Request) -> Response {
    let allowed = routes::methods_of(request.uri().path());
    if allowed.is_empty() || allowed.contains(&request.method()) {
        return ApiError::new(Code::RouteNotFound).into_response();
    }
    let mut response = ApiError::new(Code::MethodNotAllowed).into_response();
    let allowed: Vec<&str> = allowed.into_iter().map(Method::as_str).collect();
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
