//! The routes of reports.

use crate::sends;
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::Report;
use carteiro_http::routes::Function;
use carteiro_http::{Api, Authenticates, Authenticator, RoutesDiffer};
use std::sync::Arc;

/// What the handler works with.
pub(crate) struct App {
    pub(crate) authenticator: Authenticator,
    pub(crate) report: Report,
}

impl Authenticates for App {
    fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }
}

/// The function's router.
pub(crate) fn router(app: App) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Reports).route(Method::GET, "/v2/reports/sends", sends::sends).build(Arc::new(app))
}
