//! `POST /v1/send/{media_type}`: takes a send as the first version's clients ask for it.

use crate::accepted::accept;
use crate::routes::App;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use carteiro_core::error::Code;
use carteiro_core::media::MediaType;
use carteiro_core::usecase::SendRequest;
use carteiro_http::{ApiError, JsonBody, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Path(media_type): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, ApiError> {
    // What is no media type names no route.
    let media_type: MediaType = media_type.parse().map_err(|_| Code::RouteNotFound)?;
    accept(&app, &tenant, &story, &headers, SendRequest::parse_v1(media_type, body.as_map())?).await
}
