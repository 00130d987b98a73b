//! `POST /v2/upload/sends`: takes a send with its file.

use crate::accepted::accept;
use crate::form::UploadedForm;
use crate::routes::App;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use carteiro_core::usecase::SendRequest;
use carteiro_http::{ApiError, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn upload(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    headers: HeaderMap,
    UploadedForm(form): UploadedForm,
) -> Result<Response, ApiError> {
    accept(&app, &tenant, &story, &headers, SendRequest::parse_form(&form.fields, form.file)?).await
}
