//! The routes of numbers.

use crate::{change, connect, pace, status};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::{ChangeNumbers, ConnectNumber, Pacing, Sessions};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) change: ChangeNumbers,
    pub(crate) connect: ConnectNumber,
    pub(crate) pacing: Pacing,
    pub(crate) sessions: Sessions,
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Numbers)
        .route(Method::GET, "/v2/numbers", change::list)
        .route(Method::POST, "/v2/numbers", change::register)
        .route(Method::PUT, "/v2/numbers", change::update)
        .route(Method::DELETE, "/v2/numbers", change::remove)
        .route(Method::POST, "/v2/numbers/add", change::add)
        .route(Method::GET, "/v2/numbers/status", status::status)
        .route(Method::GET, "/v2/numbers/connect", connect::connect)
        .route(Method::POST, "/v2/numbers/disconnect", status::disconnect)
        .route(Method::GET, "/v2/numbers/pace", pace::show)
        .route(Method::PUT, "/v2/numbers/pace", pace::set)
        .behind(gate, Arc::new(app))
}
