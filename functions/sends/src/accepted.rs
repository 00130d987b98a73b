//! Accepting a send, and what is answered then.

use crate::routes::App;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use carteiro_core::report::written;
use carteiro_core::send::{Status, Waiting};
use carteiro_core::usecase::SendRequest;
use carteiro_http::{Answer, ApiError, Story, Tenant, idempotency_key};
use serde_json::json;

/// Says that the answer is that of an earlier request under the same `Idempotency-Key`.
const REPLAYED: &str = "idempotency-replayed";

/// Accepts what was read of a request.
pub(crate) async fn accept(
    app: &App,
    tenant: &Tenant,
    story: &Story,
    headers: &HeaderMap,
    request: SendRequest,
) -> Result<Response, ApiError> {
    story.number(&request.from);
    let key = idempotency_key(headers)?;
    let accepted = app.accept.accept(tenant, request, key.as_ref()).await?;
    let send = accepted.send;
    story.send(send.id);
    if let Some(error) = accepted.not_queued {
        tracing::warn!(send_id = %send.id, %error, "the send is stored but not queued; a sweep will queue it");
    }
    if let Some(error) = accepted.overcounted {
        tracing::warn!(send_id = %send.id, %error, "a repeated request stays counted as a send of its day");
    }
    let zone = tenant.zone_or(&app.zone);
    let mut description = json!({
        "send_id": send.id.to_string(),
        "status": Status::Queued.as_str(),
        "from_number": send.from.digits(),
        "to_number": send.to.to_string(),
        "media_type": send.content.media_type(),
        "date_time_queue": written(send.queued_at, zone),
    });
    if let Some(at) = send.send_at {
        description["waiting"] = json!(Waiting::Scheduled.as_str());
        description["date_time_scheduled"] = json!(written(at, zone));
    }
    let answer = Answer::created("Mensagem adicionada à fila de envio.").description(description);
    Ok(if accepted.replayed {
        ([(REPLAYED, "true")], answer).into_response()
    } else {
        answer.into_response()
    })
}
