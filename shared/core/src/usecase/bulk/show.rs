//! Telling how far an operation is.

use super::find_bulk;
use crate::bulk::{Bulk, BulkCounts, BulkPlace, BulkState, RowItem};
use crate::error::{Code, Problem};
use crate::ids::{BulkId, UserId};
use crate::ports::{BulkQueue, BulkSends, Bulks, Clock, Unavailable};
use crate::usecase::recent::Recent;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

/// How many rows a page has when the client does not say.
pub const DEFAULT_BULK_PAGE: u32 = 100;
/// The most rows of a page. With the longest texts they take 5 MB or so, under what a function may answer.
pub const MAX_BULK_PAGE: u32 = 500;

/// How many operations a page has when the client does not say.
pub const DEFAULT_BULK_LIST: u32 = 20;
/// The most operations of a page: as many as DynamoDB reads in one request.
pub const MAX_BULK_LIST: u32 = 100;

/// How old counts may be. To count costs half a read unit for each send, so no client makes us do it again and again.
const COUNTED_FOR: SignedDuration = SignedDuration::from_secs(5);
/// How long after its turn an operation is taken to have lost it.
const OVERDUE: SignedDuration = SignedDuration::from_mins(5);
/// How many bytes of texts a page may hold.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// Tells tenants how far their operations are.
pub struct ShowBulk {
    bulks: Arc<dyn Bulks>,
    sends: Arc<dyn BulkSends>,
    queue: Arc<dyn BulkQueue>,
    clock: Arc<dyn Clock>,
    counted: Recent<(BulkId, BulkState), BulkCounts>,
}

/// Some rows of an operation.
pub struct BulkPage {
    /// The rows, in their order.
    pub rows: Vec<RowItem>,
    /// The row that the next page begins with, if there is one.
    pub next: Option<u32>,
}

/// Some of a tenant's operations.
pub struct BulkListPage {
    /// They, the latest first.
    pub bulks: Vec<Bulk>,
    /// What to ask with for earlier ones; none after the first operation.
    pub next_cursor: Option<String>,
}

impl ShowBulk {
    /// Wires it up.
    pub fn new(
        bulks: Arc<dyn Bulks>,
        sends: Arc<dyn BulkSends>,
        queue: Arc<dyn BulkQueue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { bulks, sends, queue, clock, counted: Recent::new(COUNTED_FOR) }
    }

    /// The tenant's operations, the latest first, or what was before where `cursor` tells, at most `limit` of them (1 to
    /// [`MAX_BULK_LIST`]). One that was accepted a moment ago may be missing.
    ///
    /// # Errors
    /// [`Code::InvalidCursor`]; [`Code::Unavailable`](crate::error::Code::Unavailable).
    pub async fn list(
        &self,
        user: UserId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<BulkListPage, Problem> {
        let before = match cursor {
            Some(cursor) => Some(BulkPlace::read(cursor).ok_or(Code::InvalidCursor)?),
            None => None,
        };
        let limit = limit.clamp(1, MAX_BULK_LIST) as usize;
        let list = self.bulks.of_user(user, before, limit).await?;
        Ok(BulkListPage { bulks: list.bulks, next_cursor: list.next.map(BulkPlace::written) })
    }

    /// The operation, and how many of its rows are at which status, some seconds old at most. An operation whose turn was lost
    /// on the way, which should not happen, is put in the queue again.
    ///
    /// # Errors
    /// [`Code::BulkNotFound`](crate::error::Code::BulkNotFound); [`Code::Unavailable`](crate::error::Code::Unavailable).
    pub async fn progress(&self, user: UserId, id: BulkId) -> Result<(Bulk, BulkCounts), Problem> {
        let bulk = find_bulk(&*self.bulks, user, id).await?;
        if self.is_overdue(&bulk) {
            self.queue.push(&bulk.wanted(), Duration::ZERO).await?;
        }
        let counts = self.counts(&bulk).await?;
        Ok((bulk, counts))
    }

    async fn counts(&self, bulk: &Bulk) -> Result<BulkCounts, Unavailable> {
        let (key, now) = ((bulk.id, bulk.state), self.clock.now());
        if let Some(counts) = self.counted.get(&key, now) {
            return Ok(counts);
        }
        let statuses = self.sends.statuses(&bulk.sends(0..bulk.made)).await?;
        let counts = BulkCounts::new(bulk, &statuses);
        self.counted.remember(key, counts.clone(), now);
        Ok(counts)
    }

    /// Rows of the operation from `first` on, at most `limit` of them (1 to [`MAX_BULK_PAGE`]), fewer where their texts are long.
    ///
    /// # Errors
    /// As of [`ShowBulk::progress`].
    pub async fn rows(
        &self,
        user: UserId,
        id: BulkId,
        first: u32,
        limit: u32,
        zone: &TimeZone,
    ) -> Result<BulkPage, Problem> {
        let bulk = find_bulk(&*self.bulks, user, id).await?;
        let first = first.min(bulk.total);
        let end = first.saturating_add(limit.clamp(1, MAX_BULK_PAGE)).min(bulk.total);
        let sends = self.sends.sends(&bulk.sends(first..end.min(bulk.made).max(first))).await?;
        let mut sends = sends.into_iter();
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for index in first..end {
            let send = sends.next().flatten();
            bytes += send.as_ref().map_or(0, |send| send.content.summary().len());
            if bytes > MAX_PAGE_BYTES && !rows.is_empty() {
                return Ok(BulkPage { rows, next: Some(index) });
            }
            rows.push(RowItem::new(&bulk, index, send.as_ref(), zone));
        }
        Ok(BulkPage { rows, next: (end < bulk.total).then_some(end) })
    }

    fn is_overdue(&self, bulk: &Bulk) -> bool {
        let due = bulk.busy_until.unwrap_or(bulk.wake_at).max(bulk.wake_at);
        let waits = matches!(bulk.state, BulkState::Queued | BulkState::Running | BulkState::Cancelling);
        waits && self.clock.now().duration_since(due) > OVERDUE
    }
}
