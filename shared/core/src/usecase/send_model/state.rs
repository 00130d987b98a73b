//! Where a send and everything around it are, and what an act makes of that.

use super::act::Act;
use super::now;
use super::session::Session;
use crate::ids::SendId;
use crate::send::{Send, Status};
use crate::testing::{MemorySendQueue, MemorySends, MemoryShardSender};
use crate::usecase::fixture::World;
use crate::usecase::overdue::IN_HAND;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How long a dispatch may take.
const RUN: SignedDuration = SignedDuration::from_secs(1);
/// Everything at one moment. What is stored is not changed once it is here.
#[derive(Clone)]
pub(super) struct State {
    pub(super) store: Arc<MemorySends>,
    pub(super) queue: Arc<MemorySendQueue>,
    pub(super) shards: Arc<MemoryShardSender>,
    pub(super) id: SendId,
    pub(super) now: Timestamp,
    /// The signals and commands that were deleted, by their place.
    pub(super) signals_gone: BTreeSet<usize>,
    pub(super) commands_gone: BTreeSet<usize>,
    pub(super) session: Session,
    /// Whether WhatsApp has the message, and whether it refused it.
    pub(super) at_whatsapp: bool,
    pub(super) refused: bool,
    pub(super) moved_back: bool,
    pub(super) written_after_end: bool,
    /// Whether the session has told that it failed, or that WhatsApp took it.
    pub(super) told: bool,
    pub(super) faults: u8,
    pub(super) waits: u8,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let send = self.send();
        let store = (send.status, send.waiting, send.requeues, send.processing_at, send.failure);
        let lines = (self.store.count_parked(), self.store.due_at(self.id), self.signals(), self.commands());
        let wire = (self.at_whatsapp, self.refused, self.moved_back, self.written_after_end, self.told);
        write!(f, "{:?}", (self.now, store, lines, &self.session, wire, self.faults, self.waits))
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        format!("{self:?}").hash(hasher);
    }
}

impl State {
    pub(super) fn send(&self) -> Send {
        self.store.peek(self.id).unwrap()
    }

    pub(super) fn status(&self) -> Status {
        self.send().status
    }

    /// The signals in the queue, by their place.
    pub(super) fn signals(&self) -> Vec<usize> {
        (0..self.queue.pushed().len()).filter(|place| !self.signals_gone.contains(place)).collect()
    }

    /// The commands in the shard's queue, held ones included.
    pub(super) fn commands(&self) -> Vec<usize> {
        (0..self.shards.pushed().len()).filter(|place| !self.commands_gone.contains(place)).collect()
    }

    /// How much there is of it in queues.
    pub(super) fn queued(&self) -> usize {
        self.signals().len() + self.commands().len()
    }

    /// Whether a send that has not ended is due for the sweeper by its expiry, or once the session has had its time with it.
    /// It may be in a queue, parked or in hand as well; whatever becomes of that, from here it goes on.
    pub(super) fn is_due_in_time(&self) -> bool {
        let send = self.send();
        let in_hand = send.processing_at.map_or(send.expires_at, |taken_at| taken_at + IN_HAND);
        let by = send.expires_at.max(in_hand);
        !send.status.is_pending() || self.store.due_at(self.id).is_some_and(|due| due <= by)
    }

    /// Whether it did not fail untold.
    pub(super) fn tells_failure(&self) -> bool {
        self.told || self.status() != Status::Failed
    }

    pub(super) fn carry_out(&mut self, world: &World, act: Act) {
        match act {
            Act::Dispatch(fails) => {
                self.dispatch(world, fails, true);
            }
            Act::DispatchTwice => self.dispatch(world, None, false),
            Act::Sweep(fails) => {
                if let Some(call) = fails {
                    world.sends.switch.fail_in(call);
                    world.queue.switch.fail_in(call);
                }
                let _ = now(world.sweep().run(10, Timestamp::MAX));
            }
            Act::Cancel => drop(now(world.cancel_send().cancel(world.tenant.id, self.id))),
            Act::Wait => {
                self.waits += 1;
                if let Some(due) = world.sends.due_at(self.id) {
                    world.clock.advance(due.duration_since(self.now));
                }
            }
            of_session => {
                let mut session = self.session.clone();
                session.act(self, world, of_session);
                self.session = session;
            }
        }
    }

    fn dispatch(&mut self, world: &World, fails: Option<&'static str>, deletes: bool) {
        let Some(place) = self.signals().first().copied() else { return };
        if let Some(call) = fails {
            world.sends.switch.fail_in(call);
            world.shards.switch.fail_in(call);
        }
        let signal = self.queue.pushed().swap_remove(place).accepted;
        let done = now(world.dispatch().dispatch(&signal, self.now + RUN));
        if done.is_ok() && deletes {
            self.signals_gone.insert(place);
        }
    }
}

/// How far along a status is; the ends are as far as one can be.
pub(super) fn progress(status: Status) -> u8 {
    match status {
        Status::Queued => 0,
        Status::Processing => 1,
        Status::Sent => 2,
        Status::Delivered => 3,
        Status::Read | Status::Failed | Status::Cancelled => 4,
    }
}
