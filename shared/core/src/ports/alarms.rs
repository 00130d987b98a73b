//! When numbers have scheduled sends to be released.

use super::Unavailable;
use crate::command::Alarm;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// The alarms that are set. What is to be released at an alarm stands in [`Sends::scheduled`](super::Sends::scheduled); an alarm
/// that rings for nothing does no harm.
#[async_trait]
pub trait Alarms: Send + Sync + 'static {
    /// Sets an alarm. Safe to repeat. One write.
    async fn set(&self, alarm: &Alarm) -> Result<(), Unavailable>;

    /// The alarms up to `until`, oldest first, from after `after`, at most `limit`. Eventually consistent.
    async fn until(
        &self,
        until: Timestamp,
        after: Option<&Alarm>,
        limit: usize,
    ) -> Result<Vec<Alarm>, Unavailable>;

    /// Takes an alarm away. Safe to repeat.
    async fn clear(&self, alarm: &Alarm) -> Result<(), Unavailable>;
}

/// How many alarms go into the queue by one request.
pub const WAKES_AT_ONCE: usize = 10;

/// The queue of alarms that ring soon.
#[async_trait]
pub trait WakeQueue: Send + Sync + 'static {
    /// Has an alarm ring after `delay` (15 minutes at most), in whole seconds rounded up. It may ring more than once.
    async fn push(&self, alarm: &Alarm, delay: Duration) -> Result<(), Unavailable>;

    /// As [`WakeQueue::push`] of each, in as few requests as can be: [`WAKES_AT_ONCE`] alarms are one. After a failure some may ring.
    async fn push_all(&self, alarms: &[(Alarm, Duration)]) -> Result<(), Unavailable>;
}
