//! Delivering: one run takes a stream, posts what is due in its order, and lets it go.
//!
//! Nothing is forgotten. A signal that finds its stream held is counted, and the holder does not let go before it has looked
//! again. The holder's own signal stays in the queue until its run has ended well, and comes again where it did not: such a
//! repetition is never dropped for being one. A wait for a receiver has a delayed signal of its own, which is in the queue
//! before the stream is let go.

use super::attempt::Attempts;
use crate::ports::{
    EventQueue, POST_TIME, Random, Receivers, Release, StreamToken, Streams, Take, Unavailable,
};
use crate::usecase::measure::Measure;
use crate::webhook::{
    DELIVERY_LIFE, DeadReason, Delivery, Outage, Receiver, ReceiverState, Status, StopReason, StreamKey,
    StreamSignal, TryOutcome,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// What is kept of a run to store its last try and to let the stream go.
const SPARE: SignedDuration = SignedDuration::from_secs(3);
/// How long after its run's end a stream is another's to take: clocks differ.
const GRACE: SignedDuration = SignedDuration::from_secs(5);
/// How many deliveries are read at once.
const PAGE: usize = 25;

/// What a [`DeliverStream`] works with.
#[derive(Clone)]
pub struct DeliverStreamPorts {
    /// Who is told.
    pub receivers: Arc<dyn Receivers>,
    /// What they are told.
    pub streams: Arc<dyn Streams>,
    /// Signals.
    pub queue: Arc<dyn EventQueue>,
    /// Chance, for the waits.
    pub random: Arc<dyn Random>,
}

/// Delivers streams.
#[derive(Clone)]
pub struct DeliverStream {
    pub(super) ports: DeliverStreamPorts,
    attempts: Attempts,
    lag: Measure,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivering {
    /// The stream is empty. So many were delivered.
    Drained(usize),
    /// The run's time was over; it goes on in another. So many were delivered.
    GoesOn(usize),
    /// The receiver did not take one, after so many that it took.
    Postponed {
        /// How many it took.
        delivered: usize,
        /// What became of the try.
        outcome: TryOutcome,
        /// Why there was no answer, for the log.
        reason: Option<String>,
        /// After what time it is tried again.
        wait: SignedDuration,
    },
    /// The receiver is not tried yet.
    Waiting,
    /// Another run holds the stream, and was told to look again.
    Held,
}

/// Why a signal must come again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// Another run holds the stream. Should it end badly, this signal goes on with it.
    #[error("another run is at it")]
    Busy,
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// One run.
struct Run<'a> {
    on: &'a DeliverStream,
    stream: &'a StreamKey,
    token: StreamToken,
    end: Timestamp,
    signals: u64,
    outage: Option<Outage>,
    /// Whether the receiver took the last one, as far as is known.
    flows: bool,
    delivered: usize,
}

impl DeliverStream {
    /// Wires it up.
    pub fn new(ports: DeliverStreamPorts, attempts: Attempts) -> Self {
        Self { ports, attempts, lag: Measure::default() }
    }

    /// Has `lag` told how long each event has waited for its first try. What waits behind an event that its receiver does not
    /// take is left out: that is no lag of ours.
    pub fn measured_by(mut self, lag: impl Fn(SignedDuration) + Send + Sync + 'static) -> Self {
        self.lag = Measure::by(lag);
        self
    }

    /// Delivers what is due in a stream, until it is empty, its receiver does not take it, or `end` is near. `again` says that
    /// the signal came out of the queue before.
    ///
    /// # Errors
    /// [`NotNow`]: the signal must come again.
    pub async fn run(
        &self,
        signal: &StreamSignal,
        again: bool,
        end: Timestamp,
    ) -> Result<Delivering, NotNow> {
        let stream = &signal.stream;
        let token: StreamToken = self.ports.random.bytes();
        let until = end.saturating_add(GRACE).unwrap_or(end);
        let (signals, outage) = loop {
            match self.ports.streams.take(stream, token, self.now(), until).await? {
                Take::Held if again => return Err(NotNow::Busy),
                Take::Held => return Ok(Delivering::Held),
                Take::Waiting(outage) if !self.wakes(signal, again, &outage) => {
                    return Ok(Delivering::Waiting);
                }
                Take::Waiting(outage) => {
                    if !self.ends_wait(stream, &outage).await? {
                        return Ok(Delivering::Waiting);
                    }
                }
                Take::Taken { signals, outage } => break (signals, outage),
            }
        };
        let flows = outage.is_none();
        let mut run = Run { on: self, stream, token, end, signals, outage, flows, delivered: 0 };
        let done = run.work().await;
        if done.is_err() {
            // So that others need not wait for the lease's end. This run's signal comes again in any case.
            let _ = self.ports.streams.release(stream, token, run.signals, run.outage.as_ref()).await;
        }
        Ok(done?)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.attempts.clock.now()
    }
}

impl Run<'_> {
    async fn work(&mut self) -> Result<Delivering, Unavailable> {
        let ports = &self.on.ports;
        let receiver = ports.receivers.find(self.stream.user, &self.stream.scope).await?;
        let mut receiver = receiver.filter(|receiver| receiver.id == self.stream.receiver);
        loop {
            let page = ports.streams.pending(self.stream, PAGE).await?;
            if page.is_empty() {
                // Not if a signal came since it was looked at.
                if self.release().await? {
                    return Ok(Delivering::Drained(self.delivered));
                }
                continue;
            }
            for delivery in page {
                if let Some(end) = self.one(&mut receiver, delivery).await? {
                    return Ok(end);
                }
            }
        }
    }

    /// Deals with the first delivery of the stream; answers how the run ends, if it does here.
    async fn one(
        &mut self,
        receiver: &mut Option<Receiver>,
        mut delivery: Delivery,
    ) -> Result<Option<Delivering>, Unavailable> {
        let streams = &self.on.ports.streams;
        let now = self.on.now();
        if now + SPARE > self.end {
            return self.go_on().await.map(Some);
        }
        let Some(receiver) = receiver else {
            streams.forget(self.stream, delivery.event.id).await?;
            return Ok(None);
        };
        if !receiver.is_active() {
            delivery.give_up(DeadReason::Stopped);
            streams.record(&delivery).await?;
            return Ok(None);
        }
        if self.outage.is_some_and(|outage| is_over(&outage, &delivery, now)) {
            delivery.give_up(DeadReason::Expired);
            streams.record(&delivery).await?;
            return Ok(None);
        }
        if now + POST_TIME + SPARE > self.end {
            return self.go_on().await.map(Some);
        }
        if self.flows && delivery.tries.is_empty() {
            self.on.lag.take_in(now.duration_since(delivery.waiting_since));
        }
        let attempt = self.on.attempts.attempt(receiver, &delivery.event).await;
        let outcome = attempt.tried.outcome;
        delivery.tried(attempt.tried);
        if outcome == TryOutcome::Answered(410) && self.stop(receiver).await? {
            delivery.give_up(DeadReason::Stopped);
        }
        streams.record(&delivery).await?;
        match delivery.status {
            Status::Delivered => {
                self.delivered += 1;
                if self.outage.take().is_some() {
                    streams.note_recovery(self.stream, self.on.now()).await?;
                }
                Ok(None)
            }
            Status::Dead => Ok(None),
            Status::Pending => {
                let wait = self.postpone(attempt.retry_after).await?;
                let delivered = self.delivered;
                Ok(Some(Delivering::Postponed { delivered, outcome, reason: attempt.reason, wait }))
            }
        }
    }

    /// Stops a receiver that wants no more, unless its tenant set it anew meanwhile.
    async fn stop(&self, receiver: &mut Receiver) -> Result<bool, Unavailable> {
        let mut stopped = receiver.clone();
        stopped.state = ReceiverState::Stopped { at: self.on.now(), why: StopReason::Gone };
        let saved = self.on.ports.receivers.save(&mut stopped).await?;
        if saved {
            *receiver = stopped;
        }
        Ok(saved)
    }

    /// Lets the stream go until its receiver is tried again; answers after what time that is.
    async fn postpone(&mut self, asked: Option<SignedDuration>) -> Result<SignedDuration, Unavailable> {
        let (outage, wait) = self.on.fails(self.outage, asked);
        self.outage = Some(outage);
        loop {
            // Before the stream is free, so that it is never free without it. Should it be among the signals that were counted
            // just now, the next one is not.
            self.on.push_wake(self.stream, &outage).await?;
            if self.release().await? {
                return Ok(wait);
            }
        }
    }

    /// Lets the stream go for another run to go on at once.
    async fn go_on(&mut self) -> Result<Delivering, Unavailable> {
        while !self.release().await? {}
        self.on.ports.queue.push(&StreamSignal::new(self.stream.clone()), Duration::ZERO).await?;
        Ok(Delivering::GoesOn(self.delivered))
    }

    /// Lets the stream go; `false` when signals came meanwhile.
    async fn release(&mut self) -> Result<bool, Unavailable> {
        let (streams, outage) = (&self.on.ports.streams, self.outage);
        match streams.release(self.stream, self.token, self.signals, outage.as_ref()).await? {
            Release::Released | Release::Lost => Ok(true),
            Release::Signalled(signals) => {
                self.signals = signals;
                Ok(false)
            }
        }
    }
}

/// Whether a delivery was tried for as long as it is, or would have been, had those before it not failed.
fn is_over(outage: &Outage, delivery: &Delivery, now: Timestamp) -> bool {
    let since = outage.since.max(delivery.waiting_since);
    since.saturating_add(DELIVERY_LIFE).is_ok_and(|end| now >= end)
}
