//! The routes of one-time passwords.

use crate::{request, validate};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::OneTimePasswords;
use carteiro_http::routes::Function;
use carteiro_http::{Api, Authenticator, KeyRing, RoutesDiffer};
use std::sync::Arc;
use std::time::Duration;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) otp: OneTimePasswords,
    pub(crate) authenticator: Authenticator,
    pub(crate) keys: Arc<KeyRing>,
    /// What the time of an answer to a request for a code is a multiple of.
    pub(crate) step: Duration,
}

/// The function's router.
pub(crate) fn router(app: App) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Auth)
        .route(Method::POST, "/v2/auth/otp/request", request::request)
        .route(Method::POST, "/v2/auth/otp/validate", validate::validate)
        .build(Arc::new(app))
}
