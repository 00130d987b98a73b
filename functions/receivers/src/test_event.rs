//! `POST /v2/webhooks/test`.

use crate::receiver::scope;
use crate::routes::App;
use crate::shown;
use axum::extract::State;
use carteiro_http::{Answer, ApiError, QueryFields, Tenant};
use serde_json::json;
use std::sync::Arc;

/// The most characters of what a receiver said that are told.
const SAID: usize = 1_000;

/// Posts a test event at once, and answers what the receiver said.
pub(crate) async fn test(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let (event_id, attempt) = app.book.test(tenant.id, &scope(&query)?).await?;
    let delivered = attempt.tried.outcome.is_success();
    if let Some(reason) = &attempt.reason {
        tracing::info!(reason, "a test event was not answered");
    }
    let mut description = shown::one_try(&attempt.tried);
    description.insert("event_id".into(), json!(event_id.to_string()));
    description.insert("delivered".into(), json!(delivered));
    let said: String = String::from_utf8_lossy(&attempt.said).chars().take(SAID).collect();
    description.insert("response".into(), json!(said));
    let message = match delivered {
        true => "Evento de teste entregue.",
        false => "O webhook não aceitou o evento de teste.",
    };
    Ok(Answer::ok(message).description(description))
}
