//! An export as the API shows it.

use super::{Export, ExportFailure, ExportForm};
use crate::report::written;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// An export as the API shows it. It may hold the address of the file, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ExportDetails {
    export_id: String,
    status: &'static str,
    format: &'static str,
    from_number: String,
    rows: u64,
    error_code: Option<&'static str>,
    reason: Option<String>,
    date_time_queue: String,
    date_time_expires: String,
    status_url: String,
    url: Option<String>,
}

impl ExportDetails {
    /// The details of an export, with the address of its file where that is there.
    pub fn new(export: &Export, url: Option<&SecretString>) -> Self {
        let failure = export.state.failure();
        Self {
            export_id: export.id.to_string(),
            status: export.state.as_str(),
            format: match export.form {
                ExportForm::Csv(_) => "csv",
                ExportForm::Summary => "json",
            },
            from_number: export.subject.number.to_string(),
            rows: export.progress.rows,
            error_code: failure.map(ExportFailure::code),
            reason: failure.map(|failure| failure.to_string()),
            date_time_queue: written(export.created_at, &export.zone),
            date_time_expires: written(export.created_at + Export::KEPT, &export.zone),
            status_url: format!("/v2/reports/exports/{}", export.id),
            url: url.map(|url| url.expose_secret().to_owned()),
        }
    }
}
