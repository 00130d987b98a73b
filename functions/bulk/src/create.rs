//! `POST /v2/sends/bulk`: takes one text for many.

use crate::body::LargeBody;
use crate::routes::App;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use carteiro_core::bulk::BulkDetails;
use carteiro_core::usecase::BulkRequest;
use carteiro_http::{Answer, ApiError, Story, Tenant, idempotency_key};
use std::sync::Arc;

/// Says that the answer is that of an earlier request under the same `Idempotency-Key`.
const REPLAYED: &str = "idempotency-replayed";

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    headers: HeaderMap,
    LargeBody(body): LargeBody,
) -> Result<Response, ApiError> {
    // Without one, a client that hears nothing could only send to everybody again.
    let key = idempotency_key(&headers)?.ok_or_else(|| ApiError::missing("Idempotency-Key (cabeçalho)"))?;
    let request = BulkRequest::parse(body.as_map())?;
    story.number(&request.from);
    let accepted = app.accept.accept(&tenant, request, &key).await?;
    let details = BulkDetails::new(&accepted.bulk, None, tenant.zone_or(&app.zone));
    let answer = Answer::accepted("Envio em massa aceito. Consulte status_url.").description(details);
    Ok(if accepted.replayed {
        ([(REPLAYED, "true")], answer).into_response()
    } else {
        answer.into_response()
    })
}
