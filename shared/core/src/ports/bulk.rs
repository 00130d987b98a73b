//! Where bulk operations are kept, and the queue of them.

use super::Unavailable;
use crate::bulk::{Bulk, BulkPlace, BulkWanted};
use crate::ids::{BulkId, IdempotencyKey, SendId, UserId};
use crate::send::{Send, Status};
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// What came of creating an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreatedBulk {
    /// It is new.
    New,
    /// The key names this one already; nothing was stored.
    Existing(Box<Bulk>),
}

/// Some of a tenant's operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkList {
    /// They, the latest first.
    pub bulks: Vec<Bulk>,
    /// What the next page goes on from; none after the first operation.
    pub next: Option<BulkPlace>,
}

/// Bulk operations.
#[async_trait]
pub trait Bulks: std::marker::Send + Sync + 'static {
    /// Stores a new operation under its tenant's key, which names it until `until`, unless the key names another one at the
    /// time that the operation was made. Both or neither.
    async fn create(
        &self,
        bulk: &Bulk,
        key: &IdempotencyKey,
        until: Timestamp,
    ) -> Result<CreatedBulk, Unavailable>;

    /// The operation that a tenant's key names at `now` (strongly consistent).
    async fn named(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Bulk>, Unavailable>;

    /// One operation (strongly consistent).
    async fn find(&self, id: BulkId) -> Result<Option<Bulk>, Unavailable>;

    /// At most `limit` (100 at most) of a tenant's operations, the latest first, from `before` a place on; eventually consistent.
    async fn of_user(
        &self,
        user: UserId,
        before: Option<BulkPlace>,
        limit: usize,
    ) -> Result<BulkList, Unavailable>;

    /// Stores an operation in place of the one that it was made of, and counts its revision on. `false`, and no change, when
    /// another has saved it since.
    async fn save(&self, bulk: &mut Bulk) -> Result<bool, Unavailable>;
}

/// The sends that operations made, by id.
#[async_trait]
pub trait BulkSends: std::marker::Send + Sync + 'static {
    /// The statuses of these sends in their order; `None` for one that is not there, or is not to be seen yet. Any number;
    /// eventually consistent.
    async fn statuses(&self, ids: &[SendId]) -> Result<Vec<Option<Status>>, Unavailable>;

    /// These sends in their order; otherwise as [`BulkSends::statuses`].
    async fn sends(&self, ids: &[SendId]) -> Result<Vec<Option<Send>>, Unavailable>;
}

/// The queue of operations that are to be gone on with.
#[async_trait]
pub trait BulkQueue: std::marker::Send + Sync + 'static {
    /// Puts an operation in line, to come out after `delay` (15 minutes at most) or later. It may come out more than once.
    async fn push(&self, wanted: &BulkWanted, delay: Duration) -> Result<(), Unavailable>;
}
