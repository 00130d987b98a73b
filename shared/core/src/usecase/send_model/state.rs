//! Where a send and everything around it are, and what can happen next.

use super::session::Session;
use crate::ids::SendId;
use crate::ports::Clock;
use crate::send::{Send, Status};
use crate::testing::{MemorySendQueue, MemorySends, MemoryShardSender};
use crate::usecase::fixture::World;
use crate::usecase::overdue::IN_HAND;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How long a dispatch may take.
const RUN: SignedDuration = SignedDuration::from_secs(1);
/// The least that is left of a send's life for it to be sent still, whatever has happened: the longest time between two looks
/// of the sweeper, and some more.
const ENOUGH: SignedDuration = SignedDuration::from_hours(8);

/// Runs what never waits.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("ports in memory answer at once"),
    }
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// `dispatch` takes the first signal; a call of that name fails.
    Dispatch(Option<&'static str>),
    /// The same, and the signal is not deleted.
    DispatchTwice,
    /// The sweeper runs; a call of that name fails.
    Sweep(Option<&'static str>),
    /// The tenant takes it back.
    Cancel,
    /// The session receives a command.
    Receive,
    /// The session takes its next step.
    Step,
    /// The session takes the send, and dies before it writes.
    TakeAndDie,
    /// WhatsApp acknowledges what was written.
    Acknowledge,
    /// WhatsApp refuses it.
    Refuse,
    /// The recipient's device has it.
    Deliver,
    /// The recipient reads it.
    Read,
    /// The number loses its connection.
    Drop,
    /// It is connected again.
    Connect,
    /// The session dies; another one goes on.
    Die,
    /// Time passes until something is due.
    Wait,
}

impl Act {
    fn is_fault(self) -> bool {
        match self {
            Act::Dispatch(fails) | Act::Sweep(fails) => fails.is_some(),
            Act::DispatchTwice | Act::TakeAndDie | Act::Drop | Act::Die => true,
            _ => false,
        }
    }
}

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
    faults: u8,
    waits: u8,
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
    fn signals(&self) -> Vec<usize> {
        (0..self.queue.pushed().len()).filter(|place| !self.signals_gone.contains(place)).collect()
    }

    /// The commands in the shard's queue, held ones included.
    pub(super) fn commands(&self) -> Vec<usize> {
        (0..self.shards.pushed().len()).filter(|place| !self.commands_gone.contains(place)).collect()
    }

    /// How much there is of it in queues.
    fn queued(&self) -> usize {
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
}

impl State {
    /// Whether it did not fail untold.
    fn tells_failure(&self) -> bool {
        self.told || self.status() != Status::Failed
    }
}

/// The model: so many faults, and so many times that time passes.
pub(super) struct SendModel {
    world: Mutex<World>,
    faults: u8,
    waits: u8,
}

impl SendModel {
    pub(super) fn new(faults: u8, waits: u8) -> Self {
        Self { world: Mutex::new(now(World::new())), faults, waits }
    }

    /// A send that was accepted just now; its signal may have been lost.
    pub(super) fn accepted(&self, signal_lost: bool) -> State {
        let world = now(World::new());
        if signal_lost {
            world.queue.switch.fail();
        }
        // Asked for once only.
        assert_eq!(now(world.accept("Olá", Some("pedido-1"))).is_err(), signal_lost);
        let id = world.sends.all()[0].id;
        world.queue.switch.recover();
        State {
            store: world.sends.clone(),
            queue: world.queue.clone(),
            shards: world.shards.clone(),
            id,
            now: world.clock.now(),
            signals_gone: BTreeSet::new(),
            commands_gone: BTreeSet::new(),
            session: Session::default(),
            at_whatsapp: false,
            refused: false,
            moved_back: false,
            written_after_end: false,
            told: false,
            faults: u8::from(signal_lost),
            waits: 0,
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the sweeper has something to do next.
    fn due(&self, state: &State) -> Option<Timestamp> {
        state.store.due_at(state.id)
    }

    pub(super) fn possible(&self, state: &State, acts: &mut Vec<Act>) {
        if !state.signals().is_empty() {
            acts.extend([
                Act::Dispatch(None),
                Act::Dispatch(Some("push")),
                Act::Dispatch(Some("reschedule")),
            ]);
            acts.push(Act::DispatchTwice);
        }
        match self.due(state) {
            Some(due) if due <= state.now => {
                acts.push(Act::Sweep(None));
                acts.extend(["push", "reschedule", "unpark", "apply"].map(|call| Act::Sweep(Some(call))));
            }
            Some(_) if state.waits < self.waits => acts.push(Act::Wait),
            _ => {}
        }
        if state.status().is_pending() {
            acts.push(Act::Cancel);
        }
        let session = &state.session;
        if session.receives(state) {
            acts.push(Act::Receive);
        }
        if session.has_step() {
            acts.push(Act::Step);
        }
        if session.is_to_take() {
            acts.push(Act::TakeAndDie);
        }
        if session.awaits_acknowledgement() {
            acts.extend([Act::Acknowledge, Act::Refuse]);
        }
        if state.at_whatsapp {
            acts.extend([Act::Deliver, Act::Read]);
        }
        acts.push(if session.connected { Act::Drop } else { Act::Connect });
        acts.push(Act::Die);
        acts.retain(|act| state.faults < self.faults || !act.is_fault());
    }

    /// What comes of an act.
    pub(super) fn after(&self, state: &State, act: Act) -> State {
        let world = self.world();
        state.store.copy_to(&world.sends);
        state.queue.copy_to(&world.queue);
        state.shards.copy_to(&world.shards);
        let by = state.now.duration_since(world.clock.now());
        world.clock.advance(by);
        let before = state.status();
        let mut next = state.clone();
        next.faults += u8::from(act.is_fault());
        next.carry_out(&world, act);
        for switch in [&world.sends.switch, &world.queue.switch, &world.shards.switch] {
            switch.recover();
            drop(switch.asked());
        }
        next.now = world.clock.now();
        let (store, queue, shards) =
            <(Arc<MemorySends>, Arc<MemorySendQueue>, Arc<MemoryShardSender>)>::default();
        world.sends.copy_to(&store);
        world.queue.copy_to(&queue);
        world.shards.copy_to(&shards);
        (next.store, next.queue, next.shards) = (store, queue, shards);
        let status = next.status();
        next.moved_back |= status != before && progress(status) <= progress(before);
        next
    }

    /// Whether the send comes to its end though its number is never connected again. That it has ended may then still stand
    /// among the parked ones: the next connection takes it away.
    pub(super) fn ends_offline(&self, state: &State) -> bool {
        let dropped = if state.session.connected { self.after(state, Act::Drop) } else { state.clone() };
        let state = self.calm(dropped, false);
        !state.status().is_pending() && state.queued() == 0 && state.tells_failure()
    }

    /// Whether the send comes to its end once nothing fails any more, and to a good one if it can.
    pub(super) fn ends_well(&self, state: &State) -> bool {
        let time_left = state.send().expires_at.duration_since(state.now);
        let can_be_sent = state.status().is_pending() && !state.refused && time_left > ENOUGH;
        let state = self.calm(state.clone(), true);
        let status = state.status();
        let sent = progress(status) >= progress(Status::Sent) && status != Status::Failed;
        let nothing_left = state.queued() + state.store.count_parked() == 0;
        !status.is_pending() && nothing_left && state.tells_failure() && (!can_be_sent || sent)
    }

    /// What becomes of it when everything goes its way.
    fn calm(&self, mut state: State, connects: bool) -> State {
        for _ in 0..100 {
            let Some(act) = self.calm_act(&state, connects) else { break };
            state = self.after(&state, act);
        }
        state
    }

    fn calm_act(&self, state: &State, connects: bool) -> Option<Act> {
        let session = &state.session;
        if !session.connected && connects {
            Some(Act::Connect)
        } else if session.receives(state) {
            Some(Act::Receive)
        } else if session.has_step() {
            Some(Act::Step)
        } else if session.awaits_acknowledgement() {
            Some(if state.refused { Act::Refuse } else { Act::Acknowledge })
        } else if !state.signals().is_empty() {
            Some(Act::Dispatch(None))
        } else {
            let due = self.due(state)?;
            Some(if due <= state.now { Act::Sweep(None) } else { Act::Wait })
        }
    }
}

impl State {
    fn carry_out(&mut self, world: &World, act: Act) {
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
fn progress(status: Status) -> u8 {
    match status {
        Status::Queued => 0,
        Status::Processing => 1,
        Status::Sent => 2,
        Status::Delivered => 3,
        Status::Read | Status::Failed | Status::Cancelled => 4,
    }
}
