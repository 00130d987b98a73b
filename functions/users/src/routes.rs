//! The routes of accounts, of their tokens, and of the personal data that is kept for them.

use crate::{log_in, operator, privacy, register, remove, retention, tokens};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::{
    AskPrivacy, ChooseRetention, FindPrivacy, LogIn, OperatorPrivacy, RegisterUser, RemoveUser, Tokens,
};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Authenticator, Gate, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) log_in: LogIn,
    pub(crate) register: RegisterUser,
    pub(crate) remove: Arc<RemoveUser>,
    pub(crate) tokens: Tokens,
    pub(crate) privacy: Arc<AskPrivacy>,
    pub(crate) operations: Arc<FindPrivacy>,
    pub(crate) retention: ChooseRetention,
    pub(crate) operator: OperatorPrivacy,
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Users)
        .route(Method::POST, "/v2/users/register", register::register)
        .route(Method::POST, "/v2/users/login", log_in::log_in)
        .route(Method::POST, "/v2/users/remove", remove::remove)
        .route(Method::GET, "/v2/tokens", tokens::list)
        .route(Method::POST, "/v2/tokens", tokens::create)
        .route(Method::POST, "/v2/tokens/{token_id}/rotate", tokens::rotate)
        .route(Method::DELETE, "/v2/tokens/{token_id}", tokens::revoke)
        .route(Method::GET, "/v2/privacy/export", privacy::export)
        .route(Method::POST, "/v2/privacy/erase", privacy::erase)
        .route(Method::GET, "/v2/privacy/operations/{operation_id}", privacy::show)
        .route(Method::GET, "/v2/privacy/retention", retention::show)
        .route(Method::PUT, "/v2/privacy/retention", retention::choose)
        .route(Method::GET, "/v2/operator/users/{user_id}/privacy/export", operator::export)
        .route(Method::POST, "/v2/operator/users/{user_id}/privacy/erase", operator::erase)
        .route(Method::GET, "/v2/operator/privacy/operations/{operation_id}", operator::show)
        .behind(gate, Arc::new(app))
}
