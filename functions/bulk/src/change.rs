//! `POST /v2/sends/bulk/{operation_id}/pause`, `/resume` and `/cancel`.

use crate::operation_id::OperationId;
use crate::routes::App;
use axum::extract::State;
use carteiro_core::bulk::{BulkDetails, BulkWish};
use carteiro_http::{Answer, ApiError, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn pause(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    OperationId(id): OperationId,
) -> Result<Answer, ApiError> {
    let details = change(&app, &tenant, &story, id, BulkWish::Pause).await?;
    Ok(Answer::ok("Operação pausada. O que já está na fila do número ainda sai.").description(details))
}

pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    OperationId(id): OperationId,
) -> Result<Answer, ApiError> {
    let details = change(&app, &tenant, &story, id, BulkWish::Resume).await?;
    Ok(Answer::ok("Operação retomada.").description(details))
}

pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    OperationId(id): OperationId,
) -> Result<Answer, ApiError> {
    let details = change(&app, &tenant, &story, id, BulkWish::Cancel).await?;
    Ok(Answer::accepted("Operação em cancelamento. Consulte status_url.").description(details))
}

async fn change(
    app: &App,
    tenant: &Tenant,
    story: &Story,
    id: carteiro_core::ids::BulkId,
    wish: BulkWish,
) -> Result<BulkDetails, ApiError> {
    let bulk = app.change.change(tenant.id, id, wish).await?;
    story.number(&bulk.from);
    Ok(BulkDetails::new(&bulk, None, tenant.zone_or(&app.zone)))
}
