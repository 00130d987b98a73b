//! Where it is kept how much a tenant has used.

use super::Unavailable;
use crate::ids::UserId;
use async_trait::async_trait;
use jiff::civil::Date;

/// The sends of tenants, counted by calendar day.
#[async_trait]
pub trait Usage: Send + Sync + 'static {
    /// Counts one more send on that day, unless `limit` have been counted: then `false`, and nothing changes. However many ask
    /// at once, never more than `limit` are counted.
    async fn count(&self, user: UserId, day: Date, limit: Option<u32>) -> Result<bool, Unavailable>;

    /// Takes one back that was counted and then not accepted.
    async fn give_back(&self, user: UserId, day: Date) -> Result<(), Unavailable>;

    /// How many were counted on each day from `first` to `last`, oldest first; days without any are left out.
    async fn counted(&self, user: UserId, first: Date, last: Date) -> Result<Vec<(Date, u32)>, Unavailable>;
}
