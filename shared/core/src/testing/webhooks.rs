//! Receivers, streams and their queue in memory.

use super::Switch;
use crate::ids::{EventId, ReceiverId, UserId};
use crate::ports::{
    Deliveries, DeliveryPage, EventQueue, Receivers, Release, StreamToken, Streams, Take, Unavailable,
};
use crate::webhook::{
    Delivery, DeliveryKey, Outage, Receiver, ReceiverScope, Status, StreamKey, StreamSignal,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// [`Receivers`], [`Streams`] and [`Deliveries`] in memory.
#[derive(Debug, Default)]
pub struct MemoryWebhooks {
    /// Whether it answers.
    pub switch: Switch,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    receivers: BTreeMap<(UserId, ReceiverScope), Receiver>,
    streams: BTreeMap<StreamKey, Stream>,
    deliveries: BTreeMap<(StreamKey, EventId), Delivery>,
    recovered_at: BTreeMap<(UserId, ReceiverId), Timestamp>,
}

#[derive(Debug, Default)]
struct Stream {
    holder: Option<(StreamToken, Timestamp)>,
    signals: u64,
    outage: Option<Outage>,
}

impl MemoryWebhooks {
    /// Every delivery, by stream and then in its order.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let mut all: Vec<Delivery> = self.state().deliveries.values().cloned().collect();
        all.sort_by(|a, b| (&a.stream, a.key()).cmp(&(&b.stream, b.key())));
        all
    }

    /// Forgets every lease, as time does.
    pub fn let_leases_end(&self) {
        self.state().streams.values_mut().for_each(|stream| stream.holder = None);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery as its tenant sees it.
fn without_content(delivery: &Delivery) -> Delivery {
    let mut shown = delivery.clone();
    shown.event.json = Value::Null;
    shown
}

#[async_trait]
impl Receivers for MemoryWebhooks {
    async fn of_user(&self, user: UserId) -> Result<Vec<Receiver>, Unavailable> {
        self.switch.check("of_user")?;
        Ok(self.state().receivers.values().filter(|receiver| receiver.user == user).cloned().collect())
    }

    async fn find(&self, user: UserId, scope: &ReceiverScope) -> Result<Option<Receiver>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.state().receivers.get(&(user, scope.clone())).cloned())
    }

    async fn save(&self, receiver: &mut Receiver) -> Result<bool, Unavailable> {
        self.switch.check("save")?;
        let mut state = self.state();
        let key = (receiver.user, receiver.scope.clone());
        if state.receivers.get(&key).map_or(0, |stored| stored.revision) != receiver.revision {
            return Ok(false);
        }
        receiver.revision += 1;
        state.receivers.insert(key, receiver.clone());
        Ok(true)
    }

    async fn remove(&self, user: UserId, scope: &ReceiverScope) -> Result<bool, Unavailable> {
        self.switch.check("remove")?;
        Ok(self.state().receivers.remove(&(user, scope.clone())).is_some())
    }
}

#[async_trait]
impl Streams for MemoryWebhooks {
    async fn add(&self, delivery: &Delivery) -> Result<bool, Unavailable> {
        self.switch.check("add")?;
        let mut state = self.state();
        let key = (delivery.stream.clone(), delivery.event.id);
        let is_new = !state.deliveries.contains_key(&key);
        if is_new {
            state.deliveries.insert(key, delivery.clone());
        }
        Ok(is_new)
    }

    async fn take(
        &self,
        stream: &StreamKey,
        token: StreamToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Take, Unavailable> {
        self.switch.check("take")?;
        let mut state = self.state();
        let stream = state.streams.entry(stream.clone()).or_default();
        if stream.holder.is_some_and(|(_, end)| now < end) {
            stream.signals += 1;
            return Ok(Take::Held);
        }
        if let Some(outage) = stream.outage.filter(|outage| now < outage.retry_at) {
            return Ok(Take::Waiting(outage));
        }
        stream.holder = Some((token, until));
        Ok(Take::Taken { signals: stream.signals, outage: stream.outage })
    }

    async fn release(
        &self,
        stream: &StreamKey,
        token: StreamToken,
        seen: u64,
        outage: Option<&Outage>,
    ) -> Result<Release, Unavailable> {
        self.switch.check("release")?;
        let mut state = self.state();
        let stream = state.streams.entry(stream.clone()).or_default();
        if stream.holder.is_none_or(|(holder, _)| holder != token) {
            return Ok(Release::Lost);
        }
        if stream.signals != seen {
            return Ok(Release::Signalled(stream.signals));
        }
        stream.holder = None;
        stream.outage = outage.copied();
        Ok(Release::Released)
    }

    async fn renumber(&self, stream: &StreamKey, wake: u64) -> Result<bool, Unavailable> {
        self.switch.check("renumber")?;
        let mut state = self.state();
        let outage = state.streams.get_mut(stream).and_then(|stream| stream.outage.as_mut());
        let Some(outage) = outage.filter(|outage| outage.wake == wake) else { return Ok(false) };
        outage.wake += 1;
        Ok(true)
    }

    async fn hasten(&self, stream: &StreamKey, wake: u64, now: Timestamp) -> Result<bool, Unavailable> {
        self.switch.check("hasten")?;
        let mut state = self.state();
        let outage = state.streams.get_mut(stream).and_then(|stream| stream.outage.as_mut());
        let Some(outage) = outage.filter(|outage| outage.wake == wake) else { return Ok(false) };
        outage.retry_at = now;
        Ok(true)
    }

    async fn note_recovery(&self, stream: &StreamKey, now: Timestamp) -> Result<(), Unavailable> {
        self.switch.check("note_recovery")?;
        self.state().recovered_at.insert((stream.user, stream.receiver), now);
        Ok(())
    }

    async fn recovered_at(&self, stream: &StreamKey) -> Result<Option<Timestamp>, Unavailable> {
        self.switch.check("recovered_at")?;
        Ok(self.state().recovered_at.get(&(stream.user, stream.receiver)).copied())
    }

    async fn pending(&self, stream: &StreamKey, limit: usize) -> Result<Vec<Delivery>, Unavailable> {
        self.switch.check("pending")?;
        let pending = |delivery: &Delivery| delivery.stream == *stream && delivery.status == Status::Pending;
        Ok(self.deliveries().into_iter().filter(pending).take(limit).collect())
    }

    async fn last_pending(&self, stream: &StreamKey) -> Result<Option<Timestamp>, Unavailable> {
        self.switch.check("last_pending")?;
        let pending = |delivery: &Delivery| delivery.stream == *stream && delivery.status == Status::Pending;
        Ok(self.deliveries().into_iter().rfind(pending).map(|delivery| delivery.published_at))
    }

    async fn record(&self, delivery: &Delivery) -> Result<(), Unavailable> {
        self.switch.check("record")?;
        let key = (delivery.stream.clone(), delivery.event.id);
        let mut state = self.state();
        let stored = state.deliveries.get_mut(&key);
        if let Some(stored) = stored.filter(|stored| stored.status == Status::Pending) {
            stored.clone_from(delivery);
        }
        Ok(())
    }

    async fn forget(&self, stream: &StreamKey, event: EventId) -> Result<(), Unavailable> {
        self.switch.check("forget")?;
        self.state().deliveries.remove(&(stream.clone(), event));
        Ok(())
    }
}

#[async_trait]
impl Deliveries for MemoryWebhooks {
    async fn page(
        &self,
        user: UserId,
        status: Status,
        after: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<DeliveryPage, Unavailable> {
        self.switch.check("page")?;
        let mut all: Vec<Delivery> = self.state().deliveries.values().map(without_content).collect();
        all.retain(|delivery| delivery.stream.user == user && delivery.status == status);
        all.retain(|delivery| after.is_none_or(|after| delivery.key() < *after));
        all.sort_by_key(|delivery| std::cmp::Reverse(delivery.key()));
        let more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().map(Delivery::key).filter(|_| more);
        Ok(DeliveryPage { deliveries: all, next })
    }

    async fn of_event(&self, user: UserId, event: EventId) -> Result<Vec<Delivery>, Unavailable> {
        self.switch.check("of_event")?;
        let state = self.state();
        let is_it = |delivery: &&Delivery| delivery.stream.user == user && delivery.event.id == event;
        Ok(state.deliveries.values().filter(is_it).map(without_content).collect())
    }

    async fn redrive(&self, stream: &StreamKey, event: EventId, now: Timestamp) -> Result<bool, Unavailable> {
        self.switch.check("redrive")?;
        let mut state = self.state();
        let delivery = state.deliveries.get_mut(&(stream.clone(), event));
        Ok(delivery.is_some_and(|delivery| delivery.redrive(now)))
    }

    async fn streams(&self, user: UserId) -> Result<Vec<StreamKey>, Unavailable> {
        self.switch.check("streams")?;
        Ok(self.state().streams.keys().filter(|stream| stream.user == user).cloned().collect())
    }

    async fn wake(&self, stream: &StreamKey) -> Result<(), Unavailable> {
        self.switch.check("wake")?;
        if let Some(stream) = self.state().streams.get_mut(stream) {
            stream.outage = None;
        }
        Ok(())
    }
}

/// [`EventQueue`] in memory: what was pushed stays until a test takes it.
#[derive(Debug, Default)]
pub struct MemoryEventQueue {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<(StreamSignal, Duration)>>,
}

impl MemoryEventQueue {
    /// Takes what was pushed since the last time, with the delays.
    pub fn take(&self) -> Vec<(StreamSignal, Duration)> {
        std::mem::take(&mut *self.pushed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl EventQueue for MemoryEventQueue {
    async fn push(&self, signal: &StreamSignal, delay: Duration) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).push((signal.clone(), delay));
        Ok(())
    }
}
