//! `GET /v2/numbers/status` and `POST /v2/numbers/disconnect`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::LinkStatus;
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields, Story, Tenant};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Tells how a worker's link to WhatsApp is.
pub(crate) async fn status(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let number: Phone = query.required("number")?;
    story.number(&number);
    let status = app.sessions.status(tenant.id, &number).await?;
    Ok(Answer::ok("Status consultado com sucesso.").description(description(&status)))
}

/// Takes a worker offline; it stays paired. The number stands in the body or, as in the routes beside it, in the query.
pub(crate) async fn disconnect(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let number: Phone = match query.optional("number")? {
        Some(number) => number,
        None => body.required("number")?,
    };
    story.number(&number);
    let status = app.sessions.disconnect(tenant.id, &number).await?;
    Ok(Answer::ok("Desconexão solicitada com sucesso.").description(description(&status)))
}

/// The contract's `status`, and what is finer.
pub(crate) fn description(status: &LinkStatus) -> Map<String, Value> {
    Map::from_iter([
        ("status".to_owned(), json!(status.state.status())),
        ("state".to_owned(), json!(status.state.as_str())),
        ("since".to_owned(), json!(status.since.map(|since| since.to_string()))),
        ("reason".to_owned(), json!(status.reason)),
        ("reason_code".to_owned(), json!(status.reason_code)),
    ])
}
