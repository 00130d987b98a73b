//! The sweep: what was left behind is put back in the queue, what has expired is ended, and alarms that are near are had to ring.

mod ring;
#[cfg(test)]
mod tests;

use self::ring::Rung;
use super::measure::Measure;
use super::overdue::{Overdue, next_sweep, overdue};
use super::release::Release;
use crate::command::SendAccepted;
use crate::ids::SendId;
use crate::ports::{Alarms, Applied, Clock, Parked, SendQueue, Sends, Unavailable, WakeQueue};
use crate::send::{Failure, Send, Step, Waiting};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;

/// How many due sends are asked for at a time.
const PAGE: usize = 100;
/// After so many sends in a row that a store or queue refused, a sweep gives up: the next one comes in a minute.
const PATIENCE: usize = 5;
/// The attempt that says of a send only that it is over: no other is counted so far.
const LAST: u32 = u32::MAX;
/// For how long a sweep has alarms ring: it has sends to look at too.
const RINGING: SignedDuration = SignedDuration::from_secs(15);

/// What [`Sweep`] works with.
#[derive(Clone)]
pub struct SweepPorts {
    /// Where sends are.
    pub sends: Arc<dyn Sends>,
    /// The queue to `dispatch`.
    pub queue: Arc<dyn SendQueue>,
    /// The alarms of scheduled sends.
    pub alarms: Arc<dyn Alarms>,
    /// The queue of those that are near.
    pub wakes: Arc<dyn WakeQueue>,
}

/// Sweeps over the sends that are due.
pub struct Sweep {
    ports: SweepPorts,
    release: Release,
    rung: Rung,
    clock: Arc<dyn Clock>,
    measure: Measure,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Alarms that were had to ring.
    pub rung: usize,
    /// Sends that were put back in the queue, or there at last though no alarm had rung for them.
    pub requeued: usize,
    /// Sends that are `falha` now, their time being over.
    pub expired: usize,
    /// Sends that were only given another time: parked ones, and those that the session task has in hand.
    pub postponed: usize,
    /// Sends that had moved on by themselves.
    pub settled: usize,
    /// Sends that a store or queue refused; the next sweep finds them again.
    pub refused: usize,
    /// Whether it stopped before it had seen all.
    pub unfinished: bool,
    /// The last refusal, for the log.
    pub last_refusal: Option<Unavailable>,
}

impl Swept {
    /// How many sends it looked at.
    pub fn seen(&self) -> usize {
        self.requeued + self.expired + self.postponed + self.settled + self.refused
    }
}

enum Did {
    Requeued,
    Expired,
    Postponed,
    Settled,
}

impl Sweep {
    /// Wires it up.
    pub fn new(ports: SweepPorts, clock: Arc<dyn Clock>) -> Self {
        let SweepPorts { sends, queue, wakes, .. } = ports.clone();
        Self {
            release: Release::new(sends, queue, wakes, clock.clone()),
            rung: Rung::default(),
            ports,
            clock,
            measure: Measure::default(),
        }
    }

    /// Has `measure` told how long each send has waited that should have gone out by now: one that waits for no reason, and is
    /// put back in the queue.
    pub fn measured_by(
        mut self,
        measure: impl Fn(SignedDuration) + std::marker::Send + Sync + 'static,
    ) -> Self {
        self.measure = Measure::by(measure);
        self
    }

    /// Has the near alarms ring, and looks at the sends that are due, oldest first and one after another, so that those of one
    /// number go back in their order. It stops after `limit` sends and begins none after `until`; what is left is due for the next sweep. Two sweeps at
    /// once do no harm: the queue drops the same attempt said twice.
    ///
    /// # Errors
    /// [`Unavailable`] when the due sends cannot be listed.
    pub async fn run(&self, limit: usize, until: Timestamp) -> Result<Swept, Unavailable> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        // Alarms that cannot be had to ring keep no send from being swept.
        swept.last_refusal = self.ring(now, until.min(now + RINGING), &mut swept).await.err();
        let mut seen: HashSet<SendId> = HashSet::new();
        let mut refusals_in_a_row = 0;
        loop {
            // The list is eventually consistent, and what was refused stays in it: what was seen comes again, so more is asked for.
            let asked = PAGE + swept.refused;
            let due = self.ports.sends.due(now, asked).await?;
            let last_page = due.len() < asked;
            let fresh: Vec<Send> = due.into_iter().filter(|send| !seen.contains(&send.id)).collect();
            if fresh.is_empty() {
                swept.unfinished |= !last_page;
                return Ok(swept);
            }
            for send in fresh {
                if swept.seen() >= limit || self.clock.now() >= until || refusals_in_a_row >= PATIENCE {
                    swept.unfinished = true;
                    return Ok(swept);
                }
                seen.insert(send.id);
                match self.look_at(&send).await {
                    Ok(did) => {
                        refusals_in_a_row = 0;
                        *match did {
                            Did::Requeued => &mut swept.requeued,
                            Did::Expired => &mut swept.expired,
                            Did::Postponed => &mut swept.postponed,
                            Did::Settled => &mut swept.settled,
                        } += 1;
                    }
                    Err(refusal) => {
                        refusals_in_a_row += 1;
                        swept.refused += 1;
                        swept.last_refusal = Some(refusal);
                    }
                }
            }
            if last_page {
                return Ok(swept);
            }
        }
    }

    async fn look_at(&self, send: &Send) -> Result<Did, Unavailable> {
        if !send.status.is_pending() {
            return Ok(Did::Settled);
        }
        let now = self.clock.now();
        match overdue(send, now) {
            Overdue::Yes => self.expire(send, now).await,
            Overdue::InHand(until) => self.postpone(send, until).await,
            Overdue::No if self.release.release(send).await? => Ok(Did::Requeued),
            // It waits in the table for what its number's session knows; a message in the queue would change nothing.
            Overdue::No if send.waiting.is_some_and(|why| why != Waiting::Scheduled) => {
                self.postpone(send, send.expires_at).await
            }
            Overdue::No => {
                self.measure.take_in(now.duration_since(send.begins_at()));
                let attempt = send.requeues.saturating_add(1);
                // First the message, then the note: after a crash between the two, the same attempt is said again, which the
                // queue drops, and nothing is forgotten.
                self.ports.queue.push(&send.from, &SendAccepted { send_id: send.id }, attempt).await?;
                self.ports.sends.reschedule(send.id, next_sweep(send, attempt, now), true).await?;
                Ok(Did::Requeued)
            }
        }
    }

    async fn postpone(&self, send: &Send, until: Timestamp) -> Result<Did, Unavailable> {
        self.ports.sends.reschedule(send.id, until, false).await?;
        Ok(Did::Postponed)
    }

    /// Ends a send. It is taken from the parked ones first, and `dispatch`, which has its end told, is given its signal: were it
    /// the other way round, a crash between the two would leave it there for good and untold, an ended send being due no more.
    async fn expire(&self, send: &Send, now: Timestamp) -> Result<Did, Unavailable> {
        if send.waiting.is_some() {
            self.ports.sends.unpark(&send.from, &Parked::of(send)).await?;
        }
        self.ports.queue.push(&send.from, &SendAccepted { send_id: send.id }, LAST).await?;
        match self.ports.sends.apply(send.id, &Step::Fail(Failure::Expired), now).await? {
            Applied::Moved => Ok(Did::Expired),
            Applied::Refused(_) | Applied::Unknown => Ok(Did::Settled),
        }
    }
}
