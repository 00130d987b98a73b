//! The operator's routes.

use crate::{audit, numbers, plans, usage, users};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::Operator;
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, RoutesDiffer};
use std::sync::Arc;

/// The function's router.
pub(crate) fn router(operator: Operator, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Operator)
        .route(Method::GET, "/v2/operator/plans", plans::list)
        .route(Method::GET, "/v2/operator/users", users::list)
        .route(Method::GET, "/v2/operator/users/{user_id}", users::show)
        .route(Method::PUT, "/v2/operator/users/{user_id}", users::change)
        .route(Method::GET, "/v2/operator/users/{user_id}/numbers", numbers::list)
        .route(Method::GET, "/v2/operator/users/{user_id}/usage", usage::show)
        .route(Method::GET, "/v2/operator/audit", audit::list)
        .behind(gate, Arc::new(operator))
}
