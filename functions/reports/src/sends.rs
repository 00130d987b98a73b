//! `GET /v2/reports/sends`: what became of the sends from one number.

use crate::file::File;
use crate::routes::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use carteiro_core::report::{CsvText, ExportDetails};
use carteiro_core::usecase::{ReportRequest, Reported};
use carteiro_http::{Answer, ApiError, QueryFields, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn sends(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let request = ReportRequest {
        from_number: query.optional("from_number")?,
        init_time: query.optional("init_time")?,
        end_time: query.optional("end_time")?,
        limit: query.optional("limit")?,
        cursor: query.optional("cursor")?,
        format: query.optional("format")?,
        separator: query.optional("separator")?,
        summary: query.optional("summary")?,
    };
    let cursors = app.keys.get().await?.cursor_keys();
    let answer = match app.report.run(&tenant, &request, &cursors).await? {
        Reported::Page(page) => {
            story.number(&page.number);
            let message = format!("Envios filtrados para o número {}", page.number);
            Answer::ok(&message)
                .description(page.items)
                .field("next_cursor", page.next_cursor)
                .into_response()
        }
        Reported::Summary(summary) => {
            story.number(summary.number());
            let message = format!("Resumo dos envios do número {}", summary.number());
            Answer::ok(&message).description(summary).into_response()
        }
        Reported::Csv { number, name, text } => {
            story.number(&number);
            File { name, content_type: CsvText::CONTENT_TYPE, bytes: text }.into_response()
        }
        Reported::Export(export) => {
            story.number(&export.subject.number);
            let message = "O relatório está sendo gerado. Consulte status_url.";
            Answer::accepted(message).description(ExportDetails::new(&export, None)).into_response()
        }
    };
    Ok(answer)
}
