//! Events on their way to receivers, from the side of their tenant.

use super::Unavailable;
use crate::ids::{EventId, UserId};
use crate::webhook::{Delivery, DeliveryKey, Status, StreamKey};
use async_trait::async_trait;
use jiff::Timestamp;

/// Some deliveries, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryPage {
    /// They; their events' `json` is null.
    pub deliveries: Vec<Delivery>,
    /// After which one the next page begins; none when this is the last.
    pub next: Option<DeliveryKey>,
}

/// A tenant's deliveries of the last week.
#[async_trait]
pub trait Deliveries: Send + Sync + 'static {
    /// A tenant's deliveries of one status, those published last first, after `after`; at most `limit`. It may be some moments
    /// late.
    async fn page(
        &self,
        user: UserId,
        status: Status,
        after: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<DeliveryPage, Unavailable>;

    /// The deliveries of one event, one for each receiver that it has; their events' `json` is null.
    async fn of_event(&self, user: UserId, event: EventId) -> Result<Vec<Delivery>, Unavailable>;

    /// Has a delivery that was given up tried anew. `false` when it was not given up, or is not there.
    async fn redrive(&self, stream: &StreamKey, event: EventId, now: Timestamp) -> Result<bool, Unavailable>;

    /// The streams of a tenant that were ever delivered from within the last weeks.
    async fn streams(&self, user: UserId) -> Result<Vec<StreamKey>, Unavailable>;

    /// Ends a stream's wait for its receiver, if it has one.
    async fn wake(&self, stream: &StreamKey) -> Result<(), Unavailable>;
}
