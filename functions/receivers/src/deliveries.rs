//! `GET /v2/webhooks/deliveries`, `POST /v2/webhooks/deliveries/redrive` and
//! `POST /v2/webhooks/deliveries/{event_id}/redrive`.

use crate::event_id::EventIdOfPath;
use crate::routes::App;
use crate::{page_cursor, shown};
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::usecase::{DEFAULT_DELIVERY_PAGE, MAX_DELIVERY_PAGE};
use carteiro_core::webhook::Status;
use carteiro_http::{Answer, ApiError, QueryFields, Tenant};
use serde_json::{Value, json};
use std::sync::Arc;

/// The deliveries of the last week with their tries, newest first.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let status = query.optional::<Status>("status")?;
    let after = page_cursor::given(&query)?;
    let limit = limit(&query)?;
    let page = app.log.page(tenant.id, status, after.as_ref(), limit).await?;
    let items: Vec<Value> = page.deliveries.iter().map(shown::delivery).collect();
    let next = page.next.as_ref().map(page_cursor::written);
    Ok(Answer::ok("Entregas listadas com sucesso.")
        .description(json!({ "items": items, "next_cursor": next })))
}

/// Has everything tried anew that was given up.
pub(crate) async fn redrive_all(State(app): State<Arc<App>>, tenant: Tenant) -> Result<Answer, ApiError> {
    let done = app.log.redrive_all(tenant.id).await?;
    Ok(Answer::accepted("As entregas que falharam serão tentadas de novo.")
        .description(json!({ "redriven": done.count, "more": done.more })))
}

/// Has one event tried anew.
pub(crate) async fn redrive_one(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    EventIdOfPath(event): EventIdOfPath,
) -> Result<Answer, ApiError> {
    let count = app.log.redrive_one(tenant.id, event).await?;
    Ok(Answer::accepted("A entrega será tentada de novo.")
        .description(json!({ "redriven": count, "more": false })))
}

fn limit(query: &QueryFields) -> Result<usize, ApiError> {
    match query.optional::<String>("limit")? {
        None => Ok(DEFAULT_DELIVERY_PAGE),
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| (1..=MAX_DELIVERY_PAGE).contains(limit));
            limit.ok_or_else(|| {
                let detail = format!("O parâmetro limit deve estar entre 1 e {MAX_DELIVERY_PAGE}.");
                ApiError::because(Code::InvalidParameter, detail)
            })
        }
    }
}
