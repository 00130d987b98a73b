//! The routes of sends.

use crate::{cancel, create, show, upload};
use axum::Router;
use axum::http::Method;
use carteiro_core::ports::Sends;
use carteiro_core::usecase::{AcceptSend, CancelSend};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Authenticates, Authenticator, RoutesDiffer};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) authenticator: Authenticator,
    pub(crate) accept: AcceptSend,
    pub(crate) cancel: CancelSend,
    pub(crate) sends: Arc<dyn Sends>,
    /// Where times are written.
    pub(crate) zone: TimeZone,
}

impl Authenticates for App {
    fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }
}

/// The function's router.
pub(crate) fn router(app: App) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Sends)
        .route(Method::POST, "/v2/sends", create::create)
        .route(Method::POST, "/v2/upload/sends", upload::upload)
        .route(Method::GET, "/v2/sends/{send_id}", show::show)
        .route(Method::DELETE, "/v2/sends/{send_id}", cancel::cancel)
        .build(Arc::new(app))
}
