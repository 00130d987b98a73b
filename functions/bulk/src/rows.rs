//! `GET /v2/sends/bulk/{operation_id}/sends`: what became of each recipient.

use crate::limit::limit;
use crate::operation_id::OperationId;
use crate::routes::App;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::usecase::{DEFAULT_BULK_PAGE, MAX_BULK_PAGE};
use carteiro_http::{Answer, ApiError, QueryFields, Tenant};
use std::sync::Arc;

pub(crate) async fn rows(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    OperationId(id): OperationId,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let first = match query.optional::<String>("cursor")? {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| ApiError::invalid(Code::InvalidCursor, "cursor"))?,
    };
    let limit = limit(&query, DEFAULT_BULK_PAGE, MAX_BULK_PAGE)?;
    let page = app.show.rows(tenant.id, id, first, limit, tenant.zone_or(&app.zone)).await?;
    let next = page.next.map(|next| next.to_string());
    Ok(Answer::ok("Envios da operação.").description(page.rows).field("next_cursor", next))
}
