//! `GET /v2/sends/{send_id}`: tells what became of a send.

use crate::routes::App;
use crate::send_id::SendIdOfPath;
use axum::extract::State;
use carteiro_core::report::SendDetails;
use carteiro_core::usecase::find_send;
use carteiro_http::{Answer, ApiError, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    SendIdOfPath(id): SendIdOfPath,
) -> Result<Answer, ApiError> {
    story.send(id);
    let send = find_send(&*app.sends, tenant.id, id).await?;
    Ok(Answer::ok("Envio encontrado.").description(SendDetails::new(&send, tenant.zone_or(&app.zone))))
}
