//! The session task, as far as one send is concerned: the steps of its actor, one at a time.

use super::act::Act;
use super::now;
use super::state::State;
use crate::ports::{Applied, Parked, Sends};
use crate::send::{Failure, Send, Status, Step, Waiting};
use crate::usecase::fixture::World;
use std::collections::BTreeSet;

const ADDRESS: &str = "5511966665555@s.whatsapp.net";

/// What is left to do of the storing of an outcome; each is a write of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// It waits for its turn.
    Waiting,
    /// It was written.
    Flight,
    /// This step is to be stored, or nothing.
    Recording(Option<Step>),
    /// It is to be taken from the parked ones.
    Unparking,
}

/// The send in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    place: Place,
    parked: bool,
    /// As it was when it was read.
    read: Option<Option<Status>>,
    tried: bool,
}

/// The session of the send's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) connected: bool,
    /// Whether the parked sends were read since it is connected.
    drained: bool,
    held: BTreeSet<usize>,
    entry: Option<Entry>,
    /// Commands of a send that is out of hand, still to be deleted.
    deleting: BTreeSet<usize>,
}

impl Default for Session {
    fn default() -> Self {
        let (held, deleting) = (BTreeSet::new(), BTreeSet::new());
        Self { connected: true, drained: false, held, entry: None, deleting }
    }
}

impl Session {
    /// Whether there is a command that it does not hold.
    pub(super) fn receives(&self, state: &State) -> bool {
        self.first_not_held(state).is_some()
    }

    fn first_not_held(&self, state: &State) -> Option<usize> {
        let has = |command: &usize| self.held.contains(command) || self.deleting.contains(command);
        state.commands().into_iter().find(|command| !has(command))
    }

    pub(super) fn has_step(&self) -> bool {
        let has_of_send = match &self.entry {
            Some(entry) => entry.place != Place::Flight,
            None => self.connected && !self.drained,
        };
        has_of_send || !self.deleting.is_empty()
    }

    /// Whether its next step takes the send and writes it.
    pub(super) fn is_to_take(&self) -> bool {
        let waits = |entry: &Entry| entry.place == Place::Waiting && !entry.tried && entry.read.is_some();
        self.connected && self.drained && self.entry.as_ref().is_some_and(waits)
    }

    pub(super) fn awaits_acknowledgement(&self) -> bool {
        self.connected && self.entry.as_ref().is_some_and(|entry| entry.place == Place::Flight)
    }

    pub(super) fn act(&mut self, state: &mut State, world: &World, act: Act) {
        match act {
            Act::Receive => {
                self.held.extend(self.first_not_held(state));
                self.entry.get_or_insert(Entry {
                    place: Place::Waiting,
                    parked: false,
                    read: None,
                    tried: false,
                });
            }
            Act::Step => self.step(state, world),
            Act::TakeAndDie => {
                let _ = take(state, world);
                self.die();
            }
            Act::Acknowledge => self.record(Some(Step::Acknowledge)),
            Act::Refuse => {
                state.refused = true;
                self.record(Some(Step::Fail(Failure::Refused(479))));
            }
            Act::Deliver => drop(now(world.sends.apply(state.id, &Step::Deliver, state.now))),
            Act::Read => drop(now(world.sends.apply(state.id, &Step::Read, state.now))),
            Act::Drop => {
                self.connected = false;
                if let Some(entry) = self.entry.as_mut().filter(|entry| entry.place == Place::Flight) {
                    entry.place = Place::Waiting;
                }
            }
            Act::Connect => (self.connected, self.drained) = (true, false),
            Act::Die => self.die(),
            Act::Dispatch(_) | Act::DispatchTwice | Act::Sweep(_) | Act::Cancel | Act::Wait => {}
        }
    }

    /// What it held can be received again.
    fn die(&mut self) {
        (self.entry, self.drained) = (None, false);
        self.held.clear();
        self.deleting.clear();
    }

    /// The send is out of hand; a command that comes now is about another life of it.
    fn let_go(&mut self) {
        self.entry = None;
        self.deleting.append(&mut self.held);
    }

    fn record(&mut self, step: Option<Step>) {
        if let Some(entry) = &mut self.entry {
            entry.place = Place::Recording(step);
        }
    }

    fn step(&mut self, state: &mut State, world: &World) {
        if !self.deleting.is_empty() {
            state.commands_gone.append(&mut self.deleting);
            return;
        }
        let place = self.entry.as_ref().map(|entry| entry.place.clone());
        match place {
            Some(Place::Recording(step)) => {
                let failed =
                    self.entry.as_ref().is_some_and(|entry| entry.read == Some(Some(Status::Failed)));
                state.told |= failed || step.is_some();
                if let Some(step) = step {
                    let _ = now(world.sends.apply(state.id, &step, state.now));
                }
                match &mut self.entry {
                    Some(entry) if entry.parked => entry.place = Place::Unparking,
                    _ => self.let_go(),
                }
            }
            Some(Place::Unparking) => {
                let _ = now(world.sends.unpark(&state.send().from, &Parked::of(&state.send())));
                self.let_go();
            }
            Some(Place::Waiting) if !self.connected => self.put_down(state, world),
            _ if !self.drained => self.read_parked(state, world),
            Some(Place::Waiting) => self.write(state, world),
            Some(Place::Flight) | None => {}
        }
    }

    /// What the store says, read once.
    fn read(&mut self, state: &State, world: &World) -> Option<Status> {
        let entry = self.entry.as_mut()?;
        let found = || now(world.sends.find(state.id)).unwrap_or_default().map(|send| send.status);
        entry.read.get_or_insert_with(found).filter(|status| status.is_pending())
    }

    /// Without a connection: parks it.
    fn put_down(&mut self, state: &mut State, world: &World) {
        self.drained = false;
        let pending = self.read(state, world).is_some();
        let (parked, tried) = self.entry.as_ref().map_or((false, false), |e| (e.parked, e.tried));
        if !pending {
            self.record(None);
        } else if state.send().expires_at <= state.now {
            self.record(Some(Step::Fail(Failure::Expired)));
        } else {
            if !parked || tried {
                let _ = now(world.sends.park(&state.send(), Waiting::NotConnected));
            }
            self.let_go();
        }
    }

    fn read_parked(&mut self, state: &State, world: &World) {
        let parked = now(world.sends.parked(&state.send().from, None, 10)).unwrap_or_default();
        self.drained = true;
        if !parked.is_empty() {
            let entry = Entry { place: Place::Waiting, parked: true, read: None, tried: false };
            self.entry.get_or_insert(entry).parked = true;
        }
    }

    /// With a connection: reads it, then takes and writes it.
    fn write(&mut self, state: &mut State, world: &World) {
        let unread = self.entry.as_ref().is_some_and(|entry| entry.read.is_none());
        let pending = self.read(state, world).is_some();
        if unread {
            return;
        }
        let tried = self.entry.as_ref().is_some_and(|entry| entry.tried);
        if !pending {
            self.record(None);
        } else if state.send().expires_at <= state.now {
            self.record(Some(Step::Fail(Failure::Expired)));
        } else if tried || take(state, world) {
            let ended = matches!(status(state, world), Status::Cancelled | Status::Failed);
            state.written_after_end |= ended;
            state.at_whatsapp = true;
            if let Some(entry) = &mut self.entry {
                (entry.place, entry.tried) = (Place::Flight, true);
            }
        } else {
            state.told |= status(state, world) == Status::Failed;
            self.record(None);
        }
    }
}

/// Takes the send for the session; `false` if somebody was faster.
fn take(state: &State, world: &World) -> bool {
    let taken = now(world.sends.apply(state.id, &Step::Take(ADDRESS.to_owned()), state.now));
    matches!(taken, Ok(Applied::Moved | Applied::Refused(Status::Processing)))
}

fn status(state: &State, world: &World) -> Status {
    let send: Option<Send> = now(world.sends.find(state.id)).unwrap_or_default();
    send.map_or(Status::Failed, |send| send.status)
}
