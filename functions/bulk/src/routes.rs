//! The routes of bulk sends.

use crate::{change, create, list, rows, show};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::{AcceptBulk, ChangeBulk, ShowBulk};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, RoutesDiffer};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) accept: AcceptBulk,
    pub(crate) change: ChangeBulk,
    pub(crate) show: ShowBulk,
    /// Where the times of tenants without a zone of their own are written.
    pub(crate) zone: TimeZone,
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Bulk)
        .route(Method::POST, "/v2/sends/bulk", create::create)
        .route(Method::GET, "/v2/sends/bulk", list::list)
        .route(Method::GET, "/v2/sends/bulk/{operation_id}", show::show)
        .route(Method::GET, "/v2/sends/bulk/{operation_id}/sends", rows::rows)
        .route(Method::POST, "/v2/sends/bulk/{operation_id}/pause", change::pause)
        .route(Method::POST, "/v2/sends/bulk/{operation_id}/resume", change::resume)
        .route(Method::POST, "/v2/sends/bulk/{operation_id}/cancel", change::cancel)
        .behind(gate, Arc::new(app))
}
