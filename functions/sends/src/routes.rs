//! The routes of sends.

use crate::{cancel, create, show, upload, uploads, v1};
use axum::Router;
use axum::http::Method;
use carteiro_core::ports::Sends;
use carteiro_core::usecase::{AcceptSend, CancelSend, OfferUpload};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, RoutesDiffer};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) accept: AcceptSend,
    pub(crate) offer: OfferUpload,
    pub(crate) cancel: CancelSend,
    pub(crate) sends: Arc<dyn Sends>,
    /// Where the times of tenants without a zone of their own are written.
    pub(crate) zone: TimeZone,
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Sends)
        .route(Method::POST, "/v2/sends", create::create)
        .route(Method::POST, "/v1/send/{media_type}", v1::create)
        .route(Method::POST, "/v2/upload/sends", upload::upload)
        .route(Method::POST, "/v2/uploads", uploads::offer)
        .route(Method::GET, "/v2/sends/{send_id}", show::show)
        .route(Method::DELETE, "/v2/sends/{send_id}", cancel::cancel)
        .behind(gate, Arc::new(app))
}
