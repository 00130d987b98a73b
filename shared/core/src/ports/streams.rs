//! Events on their way to receivers, from the side that delivers them.

use super::Unavailable;
use crate::ids::EventId;
use crate::webhook::{Delivery, Outage, StreamKey, StreamSignal};
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// What names one holder of a stream: random, so that no two are the same.
pub type StreamToken = [u8; 16];

/// What came of asking for a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// It is the asker's, with the count of signals so far.
    Taken {
        /// The count.
        signals: u64,
        /// How its receiver fares, if it does not take what it is given.
        outage: Option<Outage>,
    },
    /// Its receiver is not tried yet.
    Waiting(Outage),
    /// Another holds it; the signal was counted, so that it looks again before it lets go.
    Held,
}

/// What came of letting a stream go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// It is free.
    Released,
    /// It is still held: signals came meanwhile; this is their new count.
    Signalled(u64),
    /// It was another's already.
    Lost,
}

/// Streams and their deliveries.
#[async_trait]
pub trait Streams: Send + Sync + 'static {
    /// Adds a delivery at its place. `false` when the stream has, or had within the week, one of the same event; that stays
    /// as it is.
    async fn add(&self, delivery: &Delivery) -> Result<bool, Unavailable>;

    /// Takes a stream until `until`, unless another holds it or its receiver is waited for.
    async fn take(
        &self,
        stream: &StreamKey,
        token: StreamToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Take, Unavailable>;

    /// Lets a stream go, if no more signals than `seen` were counted.
    async fn release(
        &self,
        stream: &StreamKey,
        token: StreamToken,
        seen: u64,
        outage: Option<&Outage>,
    ) -> Result<Release, Unavailable>;

    /// Gives a wait the next number, if it has this one. `false` when it is over or has another.
    async fn renumber(&self, stream: &StreamKey, wake: u64) -> Result<bool, Unavailable>;

    /// Ends a wait at `now`, if it has this number. `false` when it is over or has another.
    async fn hasten(&self, stream: &StreamKey, wake: u64, now: Timestamp) -> Result<bool, Unavailable>;

    /// Notes that the receiver of a stream takes again, at `now`, what it did not take before.
    async fn note_recovery(&self, stream: &StreamKey, now: Timestamp) -> Result<(), Unavailable>;

    /// When [`Streams::note_recovery`] was last told so of this stream's receiver, by whatever stream. Remembered for longer
    /// than the longest wait (strongly consistent).
    async fn recovered_at(&self, stream: &StreamKey) -> Result<Option<Timestamp>, Unavailable>;

    /// The first deliveries that are pending, in their order, at most `limit` (strongly consistent).
    async fn pending(&self, stream: &StreamKey, limit: usize) -> Result<Vec<Delivery>, Unavailable>;

    /// The time of publication that the last of the pending deliveries has, in their order (strongly consistent).
    async fn last_pending(&self, stream: &StreamKey) -> Result<Option<Timestamp>, Unavailable>;

    /// Stores how far a pending delivery came. One that is not pending any more stays as it is.
    async fn record(&self, delivery: &Delivery) -> Result<(), Unavailable>;

    /// Forgets a delivery whose receiver is gone.
    async fn forget(&self, stream: &StreamKey, event: EventId) -> Result<(), Unavailable>;
}

/// The queue of signals.
#[async_trait]
pub trait EventQueue: Send + Sync + 'static {
    /// Signals a stream after `delay` (15 minutes at most; longer ones are cut to that).
    async fn push(&self, signal: &StreamSignal, delay: Duration) -> Result<(), Unavailable>;
}
