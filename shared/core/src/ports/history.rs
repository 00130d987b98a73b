//! What reports are made of.

use super::Unavailable;
use crate::ids::SendId;
use crate::report::Subject;
use crate::send::{Send, Status};
use async_trait::async_trait;
use jiff::Timestamp;

/// Where a page of a report ended: the next page begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageKey {
    /// When the last send of the page was accepted.
    pub queued_at: Timestamp,
    /// The last send of the page.
    pub id: SendId,
}

impl PageKey {
    /// Where a report goes on after this send.
    pub fn of(send: &Send) -> Self {
        Self { queued_at: send.queued_at, id: send.id }
    }
}

/// A page of a report, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The sends.
    pub sends: Vec<Send>,
    /// Where to go on, when there is more.
    pub next: Option<PageKey>,
}

/// The statuses of a page of sends, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPage {
    /// When each send was accepted, and its status.
    pub statuses: Vec<(Timestamp, Status)>,
    /// Where to go on, when there is more.
    pub next: Option<PageKey>,
}

/// The sends of a number, in the order of acceptance. Eventually consistent: a send that was accepted within the last moments
/// may be absent. What a page costs does not depend on how many sends there are before or after it.
#[async_trait]
pub trait SendHistory: std::marker::Send + Sync + 'static {
    /// The sends that a report is about, from after `after`, at most `limit` (1 to 500).
    async fn page(&self, of: &Subject, after: Option<&PageKey>, limit: usize) -> Result<Page, Unavailable>;

    /// Their statuses alone, which take little memory whatever the sends carry; at most `limit` (1 to 1,000).
    async fn statuses(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<StatusPage, Unavailable>;
}
