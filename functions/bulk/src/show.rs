//! `GET /v2/sends/bulk/{operation_id}`: how far an operation is.

use crate::operation_id::OperationId;
use crate::routes::App;
use axum::extract::State;
use carteiro_core::bulk::BulkDetails;
use carteiro_http::{Answer, ApiError, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    OperationId(id): OperationId,
) -> Result<Answer, ApiError> {
    let (bulk, counts) = app.show.progress(tenant.id, id).await?;
    story.number(&bulk.from);
    let details = BulkDetails::new(&bulk, Some(counts), tenant.zone_or(&app.zone));
    Ok(Answer::ok("Operação encontrada.").description(details))
}
