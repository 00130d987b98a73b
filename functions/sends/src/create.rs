//! `POST /v2/sends`: takes a send.

use crate::accepted::accept;
use crate::routes::App;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use carteiro_core::usecase::SendRequest;
use carteiro_http::{ApiError, JsonBody, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, ApiError> {
    accept(&app, &tenant, &story, &headers, SendRequest::parse(body.as_map())?).await
}
