//! What can happen next, and what comes of it.

use super::act::Act;
use super::now;
use super::session::Session;
use super::state::{State, progress};
use crate::ports::Clock;
use crate::send::Status;
use crate::testing::{MemorySendQueue, MemorySends, MemoryShardSender};
use crate::usecase::fixture::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The least that is left of a send's life for it to be sent still, whatever has happened: the longest time between two looks
/// of the sweeper, and some more.
const ENOUGH: SignedDuration = SignedDuration::from_hours(8);

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
