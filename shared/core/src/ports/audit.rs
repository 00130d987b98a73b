//! Where the trail of the operator's actions is kept.

use super::Unavailable;
use crate::audit::{AuditEntry, AuditPlace};
use async_trait::async_trait;

/// The most entries of one page.
pub const MAX_AUDIT_PAGE: usize = 100;

/// Some entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries, the latest first.
    pub entries: Vec<AuditEntry>,
    /// What the next page goes on from; none after the oldest.
    pub next: Option<AuditPlace>,
}

/// The trail of the operator's actions: entries are added, and neither changed nor taken away.
#[async_trait]
pub trait AuditTrail: Send + Sync + 'static {
    /// Adds an entry. One that is there, by its time and id, stays as it is.
    async fn append(&self, entry: &AuditEntry) -> Result<(), Unavailable>;

    /// Entries, the latest first: those before `before`, at most `limit`, which is 1 to [`MAX_AUDIT_PAGE`] (strongly consistent).
    async fn page(&self, before: Option<AuditPlace>, limit: usize) -> Result<AuditPage, Unavailable>;
}
