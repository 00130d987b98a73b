//! The routes of reports.

use crate::{exports, sends};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::{FindExport, Report};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, KeyRing, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) report: Report,
    pub(crate) exports: FindExport,
    /// What the cursors' keys are derived from.
    pub(crate) keys: Arc<KeyRing>,
}

/// The function's router, behind its gate.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Reports)
        .route(Method::GET, "/v2/reports/sends", sends::sends)
        .route(Method::GET, "/v2/reports/exports/{export_id}", exports::export)
        .behind(gate, Arc::new(app))
}
