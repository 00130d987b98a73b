//! `GET /v2/reports/exports/{export_id}`: how far a report is that is written in the background, and where it is once it is
//! there.

use crate::routes::App;
use axum::extract::{Path, State};
use carteiro_core::error::Code;
use carteiro_core::ids::ExportId;
use carteiro_http::{Answer, ApiError, Tenant};
use std::sync::Arc;

pub(crate) async fn export(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    Path(id): Path<String>,
) -> Result<Answer, ApiError> {
    // What is no id names no export.
    let id: ExportId = id.parse().map_err(|_| Code::ExportNotFound)?;
    Ok(Answer::ok("Relatório encontrado.").description(app.exports.run(tenant.id, id).await?))
}
