//! The routes of webhooks.

use crate::{deliveries, receiver, test_event};
use axum::Router;
use axum::http::Method;
use carteiro_core::usecase::{DeliveryLog, ReceiverBook, SetReceiver};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) set: SetReceiver,
    pub(crate) book: ReceiverBook,
    pub(crate) log: DeliveryLog,
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Receivers)
        .route(Method::PUT, "/v2/webhooks", receiver::set)
        .route(Method::GET, "/v2/webhooks", receiver::show)
        .route(Method::DELETE, "/v2/webhooks", receiver::remove)
        .route(Method::POST, "/v2/webhooks/secret", receiver::rotate)
        .route(Method::POST, "/v2/webhooks/test", test_event::test)
        .route(Method::GET, "/v2/webhooks/deliveries", deliveries::list)
        .route(Method::POST, "/v2/webhooks/deliveries/redrive", deliveries::redrive_all)
        .route(Method::POST, "/v2/webhooks/deliveries/{event_id}/redrive", deliveries::redrive_one)
        .behind(gate, Arc::new(app))
}
