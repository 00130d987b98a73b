//! The routes of one-time passwords.

use crate::{request, validate};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::OneTimePasswords;
use carteiro_http::routes::Function;
use carteiro_http::{Api, Authenticator, Gate, KeyRing, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) otp: OneTimePasswords,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) keys: Arc<KeyRing>,
}

/// The function's router, behind its gate.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Auth)
        .route(Method::POST, "/v2/auth/otp/request", request::request)
        .route(Method::POST, "/v2/auth/otp/validate", validate::validate)
        .behind(gate, Arc::new(app))
}
