//! What has become of an operation's rows, counted.

use super::{Bulk, BulkState};
use crate::send::Status;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many rows of an operation are at which status. Those that are no sends yet are `pendente`; in an operation that was
/// cancelled or has failed they are counted with those that were or have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BulkCounts(BTreeMap<&'static str, u32>);

/// The status of a row that is no send yet.
pub(super) const PENDING: &str = "pendente";

impl BulkCounts {
    /// Counts the rows of an operation, whose sends, in the order of the rows, are at these statuses. One that is not found is
    /// so new that it is not to be seen yet: it is in the queue.
    pub fn new(bulk: &Bulk, statuses: &[Option<Status>]) -> Self {
        let all = Status::ALL.iter().map(|status| status.as_str()).chain([PENDING]);
        let mut counts: BTreeMap<&'static str, u32> = all.map(|name| (name, 0)).collect();
        let mut add = |name: &'static str, more: u32| *counts.entry(name).or_default() += more;
        for status in statuses {
            add(status.unwrap_or(Status::Queued).as_str(), 1);
        }
        let told = u32::try_from(statuses.len()).unwrap_or(u32::MAX);
        add(unmade(bulk.state), bulk.total.saturating_sub(told));
        Self(counts)
    }
}

/// What the status of a row is that is no send.
pub(super) fn unmade(state: BulkState) -> &'static str {
    match state {
        BulkState::Cancelled | BulkState::Cancelling => Status::Cancelled.as_str(),
        BulkState::Failed(_) => Status::Failed.as_str(),
        BulkState::Queued | BulkState::Running | BulkState::Paused | BulkState::Done => PENDING,
    }
}
