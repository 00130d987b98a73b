//! The routes of accounts.

use crate::{log_in, register, remove};
use axum::Router;
use axum::http::Method;
use carteiro_core::ports::Accounts;
use carteiro_core::usecase::{RegisterUser, RemoveUser};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Authenticates, Authenticator, OperatorToken, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) authenticator: Authenticator,
    pub(crate) operator: OperatorToken,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) register: RegisterUser,
    pub(crate) remove: RemoveUser,
}

impl Authenticates for App {
    fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }
}

/// The function's router.
pub(crate) fn router(app: App) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Users)
        .route(Method::POST, "/v2/users/register", register::register)
        .route(Method::POST, "/v2/users/login", log_in::log_in)
        .route(Method::POST, "/v2/users/remove", remove::remove)
        .build(Arc::new(app))
}
