//! The routes of the documentation.

use crate::{openapi, page};
use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, RoutesDiffer};
use std::sync::{Arc, LazyLock};

/// What the handlers work with.
pub(crate) struct App {
    /// The document, written when it is first asked for: it takes ten times as long as the rest of a start.
    document: LazyLock<String>,
}

impl App {
    pub(crate) fn new() -> Self {
        Self { document: LazyLock::new(|| openapi::document().to_string()) }
    }
}

async fn document(State(app): State<Arc<App>>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, app.document.clone()).into_response()
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Docs)
        .route(Method::GET, "/openapi.json", document)
        .route(Method::GET, "/docs", page::index)
        .route(Method::GET, "/docs/{file}", page::file)
        .behind(gate, Arc::new(app))
}
