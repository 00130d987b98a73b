//! An operation as the API shows it.

use super::{Bulk, BulkCounts, BulkFailure, BulkWaiting};
use crate::report::written;
use jiff::tz::TimeZone;
use serde::Serialize;

/// An operation as the API shows it. What has not happened is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BulkDetails {
    operation_id: String,
    status: &'static str,
    waiting: Option<&'static str>,
    error_code: Option<&'static str>,
    reason: Option<String>,
    from_number: String,
    total: u32,
    made: u32,
    counts: Option<BulkCounts>,
    date_time_queue: String,
    date_time_begin: String,
    date_time_expires: String,
    date_time_end: Option<String>,
    status_url: String,
}

impl BulkDetails {
    /// The details of an operation, its times written in `zone`, with its counts where they were asked for.
    pub fn new(bulk: &Bulk, counts: Option<BulkCounts>, zone: &TimeZone) -> Self {
        let failure = bulk.state.failure();
        Self {
            operation_id: bulk.id.to_string(),
            status: bulk.state.as_str(),
            waiting: bulk.waiting.filter(|_| !bulk.state.is_over()).map(BulkWaiting::as_str),
            error_code: failure.map(BulkFailure::code),
            reason: failure.map(|failure| failure.to_string()),
            from_number: bulk.from.to_string(),
            total: bulk.total,
            made: bulk.made,
            counts,
            date_time_queue: written(bulk.created_at, zone),
            date_time_begin: written(bulk.begins_at(), zone),
            date_time_expires: written(bulk.deadline(), zone),
            date_time_end: bulk.ended_at.map(|at| written(at, zone)),
            status_url: format!("/v2/sends/bulk/{}", bulk.id),
        }
    }
}
