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
/// For how long after an event of an origin nobody else can have published one: a takeover takes longer.
const OWN: SignedDuration = SignedDuration::from_secs(1);

/// Stores events for their receivers and has them delivered. A tenant without a receiver costs one read in 15 seconds, and
/// no write. What is seldom (all but messages and their receipts) has its receivers read each time: a session's first QR comes
/// right after its receiver was set.
///
/// The place of an event among those of its origin is the time of this call, in microseconds, and always later than that of an
/// earlier call of this process. Where one process takes an origin over from another, whose clock may have been ahead, it is
/// later than all that still wait: a stream that this process has published nothing to for a second is asked for its last.
pub struct PublishEvents {
    receivers: Arc<dyn Receivers>,
    streams: Arc<dyn Streams>,
    queue: Arc<dyn EventQueue>,
    clock: Arc<dyn Clock>,
    recent: Recent<UserId, Arc<Vec<Receiver>>>,
    last: Mutex<Timestamp>,
    /// The last place that was given in each stream.
    placed: Recent<StreamKey, Timestamp>,
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
        let (recent, placed) = (Recent::new(REMEMBERED), Recent::new(OWN));
        Self { receivers, streams, queue, clock, recent, last, placed }
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

    /// A place in a stream after all that wait in it.
    async fn place(&self, stream: &StreamKey) -> Result<Timestamp, Unavailable> {
        let now = self.clock.now();
        let before = match self.placed.get(stream, now) {
            Some(own) => Some(own),
            None => self.streams.last_pending(stream).await?,
        };
        let after = before.and_then(|before| before.checked_add(SignedDuration::from_micros(1)).ok());
        let place = self.time().max(after.unwrap_or(Timestamp::MIN));
        self.placed.remember(stream.clone(), place, now);
        Ok(place)
    }

    /// A time in whole microseconds, as places are stored, later than any that was given before.
    fn time(&self) -> Timestamp {
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
            let place = self.place(&stream).await?;
            let delivery = Delivery::new(stream.clone(), event.clone(), place);
            // One that is there already may be there without a signal, so that is given anyway.
            self.streams.add(&delivery).await?;
            self.queue.push(&StreamSignal::new(stream), Duration::ZERO).await?;
        }
        Ok(())
    }
}
