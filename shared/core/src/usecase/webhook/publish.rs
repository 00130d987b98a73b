//! Publishing: one delivery for each receiver that wants the event, and one signal.

use crate::ids::UserId;
use crate::ports::{Clock, EventQueue, Events, Receivers, Streams, Unavailable};
use crate::usecase::Recent;
use crate::webhook::{Delivery, Event, EventKind, Receiver, StreamKey, StreamSignal};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// For how long a tenant's receivers are remembered: a new one is told of messages that much later.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(15);

/// Stores events for their receivers and has them delivered. A tenant without a receiver costs one read in 15 seconds, and
/// no write. What is seldom (all but messages and their receipts) has its receivers read each time: a session's first QR comes
/// right after its receiver was set.
///
/// The place of an event among those of its origin is the time of this call, in microseconds, and never that of an earlier
/// call of this process. Where one process takes an origin over from another, their clocks tell which came first: that takes
/// far longer than the clocks of two tasks are apart.
pub struct PublishEvents {
    receivers: Arc<dyn Receivers>,
    streams: Arc<dyn Streams>,
    queue: Arc<dyn EventQueue>,
    clock: Arc<dyn Clock>,
    recent: Recent<UserId, Arc<Vec<Receiver>>>,
    last: Mutex<Timestamp>,
}

impl PublishEvents {
    /// Wires it up.
    pub fn new(
        receivers: Arc<dyn Receivers>,
        streams: Arc<dyn Streams>,
        queue: Arc<dyn EventQueue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let last = Mutex::new(Timestamp::MIN);
        Self { receivers, streams, queue, clock, recent: Recent::new(REMEMBERED), last }
    }

    async fn receivers_of(&self, user: UserId, kind: EventKind) -> Result<Arc<Vec<Receiver>>, Unavailable> {
        let now = self.clock.now();
        let is_frequent = matches!(kind, EventKind::MessageReceived | EventKind::MessageUpdated);
        if let Some(known) = self.recent.get(&user, now).filter(|_| is_frequent) {
            return Ok(known);
        }
        let receivers = Arc::new(self.receivers.of_user(user).await?);
        self.recent.remember(user, Arc::clone(&receivers), now);
        Ok(receivers)
    }

    /// A time in whole microseconds, as places are stored, later than any that was given before.
    fn place(&self) -> Timestamp {
        let now = self.clock.now();
        let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let after_last = last.saturating_add(SignedDuration::from_micros(1)).unwrap_or(now);
        *last = now.max(after_last);
        *last
    }
}

#[async_trait]
impl Events for PublishEvents {
    async fn publish(&self, user: UserId, event: &Event) -> Result<(), Unavailable> {
        for receiver in
            self.receivers_of(user, event.kind).await?.iter().filter(|receiver| receiver.wants(event))
        {
            let stream = StreamKey::of(receiver, event);
            let delivery = Delivery::new(stream.clone(), event.clone(), self.place());
            // One that is there already may be there without a signal, so that is given anyway.
            self.streams.add(&delivery).await?;
            self.queue.push(&StreamSignal::new(stream), Duration::ZERO).await?;
        }
        Ok(())
    }
}
