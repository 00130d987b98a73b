//! Two keepers over one table, and everything that can happen to them: where [`super::world`] tries schedules by chance, this
//! goes through all of them that have at most so many faults.
//!
//! Time goes in steps of a heartbeat's distance. A letter (a request, or its answer) arrives within its step, unless a fault befalls it: it is
//! held up, for as long as one likes, or lost. A task can be stopped and go on at any later time, be killed, or be told to
//! leave. What must hold in every state:
//! - **Never two owners that both publish.** A task publishes to a shard while it runs, the shard is its own or is still being
//!   wound up, and its fence, by its own clock, is open.
//! - **No epoch is given twice**, fence or no fence: a store that compares epochs can always tell the later owner.
//! - **No epoch is ahead of the table's**: whoever writes under it has really been given it.
//!
//! And from every state at the end of the time, once nothing fails any more: **the shard has one owner again**.

use super::fleet::Fleet;
use super::happening::Happening;
use super::town::Town;
use crate::lease::Timing;
use stateright::{Checker, Model, Property};
use std::time::Duration;

impl Model for Fleet {
    type State = Town;
    type Action = Happening;

    fn init_states(&self) -> Vec<Town> {
        vec![self.settled()]
    }

    fn actions(&self, town: &Town, actions: &mut Vec<Happening>) {
        self.possible(town, actions);
    }

    fn next_state(&self, town: &Town, happening: Happening) -> Option<Town> {
        Some(self.after(town, happening))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("never two owners that both publish", |_, town: &Town| !town.two_owners),
            Property::always("no epoch is given twice", |_, town: &Town| town.epochs_differ()),
            Property::always("no epoch is ahead of the table's", |_, town: &Town| town.epochs_are_given()),
            Property::always("in the end the shard has one owner", |fleet: &Fleet, town: &Town| {
                town.now < fleet.horizon || fleet.calmed(town) == 1
            }),
            Property::sometimes("a task is fenced", |_, town: &Town| town.fenced > 0),
            Property::sometimes("a dead task's shard is taken over", |_, town: &Town| town.revocations() > 0),
        ]
    }
}

fn check(swapped: bool, timing: Timing, faults: u8, horizon: u64) -> impl Checker<Fleet> {
    Fleet { swapped, timing, faults, horizon }.checker().spawn_bfs().join()
}

#[test]
fn after_any_fault_there_are_never_two_owners_and_in_the_end_one() {
    for swapped in [false, true] {
        check(swapped, Timing::default(), 1, 16).assert_properties();
    }
}

#[test]
fn after_any_two_faults_there_are_never_two_owners_and_in_the_end_one() {
    check(false, Timing::default(), 2, 10).assert_properties();
}

/// The search is worth something only if it finds what it looks for.
#[test]
fn a_fence_longer_than_death_lets_two_owners_publish() {
    let timing = Timing { fence: Duration::from_secs(11), ..Timing::default() };
    let checked = check(false, timing, 1, 16);
    assert!(checked.discovery("never two owners that both publish").is_some());
}
