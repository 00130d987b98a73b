//! An operation as the API shows it.

use super::{PrivacyFailure, PrivacyKind, PrivacyOperation};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;

/// An operation as the API shows it. It may hold the address of the file, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PrivacyDetails {
    operation_id: String,
    kind: &'static str,
    number: Option<String>,
    status: &'static str,
    records: BTreeMap<String, u64>,
    error_code: Option<&'static str>,
    reason: Option<String>,
    created_at: String,
    ended_at: Option<String>,
    expires_at: Option<String>,
    status_url: String,
    url: Option<String>,
}

impl PrivacyDetails {
    /// The details of an operation, with the address of its file where that is there.
    pub fn new(operation: &PrivacyOperation, url: Option<&SecretString>) -> Self {
        let failure = operation.state.failure();
        let has_file = operation.kind == PrivacyKind::Export;
        Self {
            operation_id: operation.id.to_string(),
            kind: operation.kind.as_str(),
            number: operation.masked.clone(),
            status: operation.state.as_str(),
            records: operation.counts.clone(),
            error_code: failure.map(PrivacyFailure::code),
            reason: failure.map(|failure| failure.to_string()),
            created_at: operation.created_at.to_string(),
            ended_at: operation.ended_at.map(|at| at.to_string()),
            expires_at: has_file.then(|| operation.kept_until().to_string()),
            status_url: format!("/v2/privacy/operations/{}", operation.id),
            url: url.map(|url| url.expose_secret().to_owned()),
        }
    }

    /// Whether it has the address of its file.
    pub fn has_address(&self) -> bool {
        self.url.is_some()
    }

    /// The same, to be asked after by the operator.
    #[must_use]
    pub fn for_operator(self) -> Self {
        Self { status_url: format!("/v2/operator/privacy/operations/{}", self.operation_id), ..self }
    }
}
