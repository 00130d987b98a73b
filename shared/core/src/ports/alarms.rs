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

    /// The alarms up to `until`, oldest first, at most `limit`. Eventually consistent.
    async fn until(&self, until: Timestamp, limit: usize) -> Result<Vec<Alarm>, Unavailable>;

    /// Takes an alarm away. Safe to repeat.
    async fn clear(&self, alarm: &Alarm) -> Result<(), Unavailable>;
}

/// The queue of alarms that ring soon.
#[async_trait]
pub trait WakeQueue: Send + Sync + 'static {
    /// Has an alarm ring after `delay` (15 minutes at most), in whole seconds rounded up. It may ring more than once.
    async fn push(&self, alarm: &Alarm, delay: Duration) -> Result<(), Unavailable>;
}
