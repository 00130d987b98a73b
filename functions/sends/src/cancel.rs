//! `DELETE /v2/sends/{send_id}`: takes a send back while it waits.

use crate::routes::App;
use crate::send_id::SendIdOfPath;
use axum::extract::State;
use carteiro_core::report::SendDetails;
use carteiro_http::{Answer, ApiError, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    SendIdOfPath(id): SendIdOfPath,
) -> Result<Answer, ApiError> {
    story.send(id);
    let cancelled = app.cancel.cancel(tenant.id, id).await?;
    if let Some(error) = cancelled.left_parked {
        tracing::warn!(send_id = %id, %error, "the cancelled send is still among the parked ones");
    }
    Ok(Answer::ok("Envio cancelado.")
        .description(SendDetails::new(&cancelled.send, tenant.zone_or(&app.zone))))
}
