//! `GET /v2/reports/sends`: what became of the sends from one number.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::usecase::ReportRequest;
use carteiro_http::{Answer, ApiError, QueryFields, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn sends(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    only_plain(&query)?;
    let request = ReportRequest {
        from_number: query.optional("from_number")?,
        init_time: filled(&query, "init_time")?,
        end_time: filled(&query, "end_time")?,
        limit: filled(&query, "limit")?,
        cursor: filled(&query, "cursor")?,
    };
    let reported = app.report.run(tenant.id, &request).await?;
    story.number(&reported.number);
    let message = format!("Envios filtrados para o número {}", reported.number);
    Ok(Answer::ok(&message).description(reported.items).field("next_cursor", reported.next_cursor))
}

/// A parameter that was filled in: clients send the empty fields of their forms too.
fn filled(query: &QueryFields, name: &str) -> Result<Option<String>, ApiError> {
    Ok(query.optional::<String>(name)?.filter(|text| !text.trim().is_empty()))
}

/// Refuses the forms of the report that are not there yet.
fn only_plain(query: &QueryFields) -> Result<(), ApiError> {
    match filled(query, "format")?.as_deref() {
        None | Some("json") => {}
        Some("csv") => return Err(Code::ReportNotSupportedYet.into()),
        Some(_) => return Err(ApiError::invalid(Code::InvalidParameter, "format")),
    }
    match filled(query, "summary")?.as_deref() {
        None | Some("false") => Ok(()),
        Some("true") => Err(Code::ReportNotSupportedYet.into()),
        Some(_) => Err(ApiError::invalid(Code::InvalidParameter, "summary")),
    }
}
