//! `GET /v2/operator/audit`.

use crate::users::limit;
use axum::extract::State;
use carteiro_core::audit::AuditEntry;
use carteiro_core::usecase::Operator;
use carteiro_http::{Answer, ApiError, QueryFields};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the operator did, the latest first.
pub(crate) async fn list(
    State(operator): State<Arc<Operator>>,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let (cursor, limit) = (query.optional::<String>("cursor")?, limit(&query)?);
    let page = operator.trail.page(cursor.as_deref(), limit).await?;
    let entries: Vec<Value> = page.entries.iter().map(shown).collect();
    let description = json!({"entries": entries, "next_cursor": page.next_cursor});
    Ok(Answer::ok("Trilha de auditoria consultada com sucesso.").description(description))
}

fn shown(entry: &AuditEntry) -> Value {
    json!({
        "entry_id": entry.id.to_string(),
        "at": entry.at.to_string(),
        "who": "operator",
        "what": entry.action.as_str(),
        "user_id": entry.user.to_string(),
        "to": entry.to,
    })
}
