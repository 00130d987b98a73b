//! `GET /v2/sends/bulk`: a tenant's operations.

use crate::limit::limit;
use crate::routes::App;
use axum::extract::State;
use carteiro_core::bulk::BulkDetails;
use carteiro_core::usecase::{DEFAULT_BULK_LIST, MAX_BULK_LIST};
use carteiro_http::{Answer, ApiError, QueryFields, Tenant};
use std::sync::Arc;

/// Without their counts, each of which costs as much as a page.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let cursor = query.optional::<String>("cursor")?;
    let limit = limit(&query, DEFAULT_BULK_LIST, MAX_BULK_LIST)?;
    let page = app.show.list(tenant.id, cursor.as_deref(), limit).await?;
    let zone = tenant.zone_or(&app.zone);
    let bulks: Vec<_> = page.bulks.iter().map(|bulk| BulkDetails::new(bulk, None, zone)).collect();
    Ok(Answer::ok("Operações.").description(bulks).field("next_cursor", page.next_cursor))
}
