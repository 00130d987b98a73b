//! One send and all that can happen to it: accepted, handed over, taken, written, acknowledged, parked, swept, cancelled, in
//! any order, with processes that die between any two writes.
//!
//! The use cases are the real ones, over ports in memory; the session task is played by [`session`], step by step as its actor
//! does it. A fault is a store or queue that fails at one call (for what comes after, it is as if the process had died there),
//! a message that is not deleted though its work is done, a session that dies, a number that loses its connection. What must
//! hold in every state:
//! - **A status never moves back**, and an end is an end.
//! - **A send never vanishes**: until its end it is due for the sweeper, by its expiry at the latest, be it in a queue, parked
//!   or in hand as well.
//! - **What is cancelled or failed is never written** after that.
//!
//! And from every state, once nothing fails any more: **the send comes to its end**, and where hours are left, its number is
//! connected and nobody took it back, it is sent; if its number never comes back, it ends as well. **Nothing of it is left** in
//! a queue, nor, where its number is connected, among the parked ones. **No
//! failure stays untold**, wherever it failed: its number's session knows of it, which tells it.

mod act;
mod model;
mod session;
mod state;

use crate::send::{Failure, Status};
use act::Act;
use model::SendModel;
use state::State;
use stateright::{Checker, Model, Property};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs what never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("ports in memory answer at once"),
    }
}

impl Model for SendModel {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![self.accepted(false), self.accepted(true)]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        self.possible(state, acts);
    }

    fn next_state(&self, state: &State, act: Act) -> Option<State> {
        Some(self.after(state, act))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a status never moves back", |_, state: &State| !state.moved_back),
            Property::always("what has ended is never written", |_, state: &State| !state.written_after_end),
            Property::always("a send never vanishes", |_, state: &State| state.is_due_in_time()),
            Property::always("a send comes to its end", |model: &Self, state: &State| model.ends_well(state)),
            Property::always("it does so without its number, too", |model: &Self, state: &State| {
                model.ends_offline(state)
            }),
            Property::sometimes("it is sent", |_, state: &State| state.status() == Status::Sent),
            Property::sometimes("it is parked", |_, state: &State| state.store.count_parked() > 0),
            Property::sometimes("it is read", |_, state: &State| state.status() == Status::Read),
            Property::sometimes("it is cancelled", |_, state: &State| state.status() == Status::Cancelled),
            Property::sometimes("it is put in line again", |_, state: &State| state.send().requeues > 0),
            Property::sometimes("it expires", |_, state: &State| {
                state.send().failure == Some(Failure::Expired)
            }),
        ]
    }
}

fn check(faults: u8, waits: u8) {
    SendModel::new(faults, waits).checker().spawn_bfs().join().assert_properties();
}

#[test]
fn after_any_fault_a_send_neither_vanishes_nor_moves_back() {
    check(1, 2);
}

#[test]
fn after_any_two_faults_a_send_neither_vanishes_nor_moves_back() {
    check(2, 1);
}
