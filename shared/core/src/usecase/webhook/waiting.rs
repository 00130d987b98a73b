//! Waiting for a receiver that does not take what it is given.
//!
//! A wait has a signal in the queue, which comes out now and then before the wait is over: the queue delays by less than the longest
//! wait, and the receiver may be back sooner. That it is back, another of its streams notes, whose own wait was over first; waits
//! are of chance lengths, so there is one where there are some.

use super::deliver::DeliverStream;
use crate::ports::{LONGEST_DELAY, Unavailable};
use crate::webhook::{LOOK_EVERY, Outage, StreamKey, StreamSignal, backoff};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

impl DeliverStream {
    /// Whether a signal is the wait's own. One that came out of the queue before may be: its number may be older by one, if the
    /// run that had it ended between two steps.
    pub(super) fn wakes(&self, signal: &StreamSignal, again: bool, outage: &Outage) -> bool {
        signal.wake == Some(outage.wake) || again
    }

    /// Ends a wait if its receiver is back, or keeps the wait's signal in the queue. Answers whether it is over.
    pub(super) async fn ends_wait(&self, stream: &StreamKey, outage: &Outage) -> Result<bool, Unavailable> {
        if !outage.asked && self.is_back(stream, outage.failed_at).await? {
            self.ports.streams.hasten(stream, outage.wake, self.now()).await?;
            return Ok(true);
        }
        let next = Outage { wake: outage.wake + 1, ..*outage };
        self.push_wake(stream, &next).await?;
        self.ports.streams.renumber(stream, outage.wake).await?;
        Ok(false)
    }

    async fn is_back(&self, stream: &StreamKey, failed_at: Timestamp) -> Result<bool, Unavailable> {
        Ok(self.ports.streams.recovered_at(stream).await?.is_some_and(|at| failed_at < at))
    }

    /// Pushes the signal of a wait.
    pub(super) async fn push_wake(&self, stream: &StreamKey, outage: &Outage) -> Result<(), Unavailable> {
        let longest = if outage.asked { LONGEST_DELAY } else { LOOK_EVERY.unsigned_abs() };
        let left = Duration::try_from(outage.retry_at.duration_since(self.now())).unwrap_or_default();
        let wait = left.clamp(Duration::from_secs(1), longest);
        let signal = StreamSignal { stream: stream.clone(), wake: Some(outage.wake) };
        self.ports.queue.push(&signal, wait).await
    }

    /// What is remembered of a stream whose try failed just now, and the wait until the next. `asked` is the wait that the
    /// receiver asked for.
    pub(super) fn fails(
        &self,
        before: Option<Outage>,
        asked: Option<SignedDuration>,
    ) -> (Outage, SignedDuration) {
        let now = self.now();
        let failures = before.map_or(0, |outage| outage.failures).saturating_add(1);
        let share = f64::from(u32::from_be_bytes(self.ports.random.bytes())) / f64::from(u32::MAX);
        let wait = asked.unwrap_or_else(|| backoff(failures, share));
        let outage = Outage {
            since: before.map_or(now, |outage| outage.since),
            failures,
            failed_at: now,
            asked: asked.is_some(),
            retry_at: now.saturating_add(wait).unwrap_or(now),
            // A number that no signal of an earlier outage has, which may still be in the queue.
            wake: u64::from(u32::from_be_bytes(self.ports.random.bytes())),
        };
        (outage, wait)
    }
}
