//! The town that two tasks and their table live in, step by step.

use super::table::Table;
use crate::lease::{Action, Epoch, Keeper, LeaseTable, TaskId, Timing};
use crate::ports::{LeaseError, Unavailable};
use crate::shard::{Shard, ShardCount};
use std::time::Duration;

/// The seconds of a step: those between two heartbeats.
const STEP: u64 = 2;

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    Heartbeat(Outcome),
    View(Option<LeaseTable>),
    Take(Shard, Result<Epoch, Outcome>),
    Release(Shard),
}

/// How a request ended, without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Good,
    Revoked,
    Changed,
    Silent,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Content {
    Request(Action),
    Answer(Answer),
    /// It will not arrive; its sender does not know.
    Lost(Action),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Letter {
    pub(super) node: usize,
    pub(super) life: u64,
    pub(super) asked: u64,
    pub(super) content: Content,
    pub(super) held: bool,
    /// Whether its sender has stopped waiting for the answer.
    pub(super) given_up: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) keeper: Keeper,
    pub(super) life: u64,
    pub(super) stopped: bool,
    pub(super) leaving: bool,
    /// The shard that it gives up, while the work on it still goes on.
    pub(super) winding_up: Option<(Shard, Epoch)>,
    /// Whether that takes its time.
    pub(super) lingers: bool,
}

/// Everything that there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Town {
    pub(super) now: u64,
    /// How often a task found that it had lost everything.
    pub(super) fenced: u8,
    /// Whether two tasks have been publishing at once.
    pub(super) two_owners: bool,
    pub(super) table: Table,
    pub(super) nodes: Vec<Node>,
    pub(super) letters: Vec<Letter>,
    pub(super) faults: u8,
    pub(super) lives: u64,
    pub(super) swapped: bool,
}

pub(super) fn at(step: u64) -> Duration {
    Duration::from_secs(step * STEP)
}

pub(super) fn count() -> ShardCount {
    ShardCount::new(1).unwrap()
}

pub(super) fn error(outcome: Outcome) -> LeaseError {
    match outcome {
        Outcome::Revoked => LeaseError::Revoked,
        Outcome::Changed => LeaseError::Changed,
        Outcome::Good | Outcome::Silent => LeaseError::Unavailable(Unavailable::new("lease", "lost")),
    }
}

pub(super) fn outcome(error: &LeaseError) -> Outcome {
    match error {
        LeaseError::Revoked => Outcome::Revoked,
        LeaseError::Changed => Outcome::Changed,
        LeaseError::Unavailable(_) => Outcome::Silent,
    }
}

/// What a sender takes for the answer that did not come.
pub(super) fn silence(action: &Action) -> Option<Answer> {
    Some(match action {
        Action::Heartbeat(_) => Answer::Heartbeat(Outcome::Silent),
        Action::View => Answer::View(None),
        Action::Take { shard, .. } => Answer::Take(*shard, Err(Outcome::Silent)),
        Action::Release(shard, _) => Answer::Release(*shard),
        _ => return None,
    })
}

impl Town {
    pub(super) fn name(&self, life: u64) -> TaskId {
        // The first two lives change names in the other town.
        let life = if self.swapped && life < 2 { 1 - life } else { life };
        TaskId::from_random((life + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())
    }

    pub(super) fn born(&mut self, timing: Timing) -> Node {
        let life = self.lives;
        self.lives += 1;
        let keeper = Keeper::new(self.name(life), count(), timing, at(self.now));
        Node { keeper, life, stopped: false, leaving: false, winding_up: None, lingers: false }
    }

    /// What each task works on, and under which epoch.
    pub(super) fn at_work(&self) -> impl Iterator<Item = (&Node, Shard, Epoch)> {
        self.nodes.iter().flat_map(|node| {
            // A task that leaves winds up all that it owns.
            let owned = node.keeper.owned().iter().filter(|_| !node.leaving).map(both);
            owned.chain(node.winding_up).map(move |(shard, epoch)| (node, shard, epoch))
        })
    }

    pub(super) fn epochs_differ(&self) -> bool {
        let mut epochs: Vec<Epoch> = self.at_work().map(|(.., epoch)| epoch).collect();
        let all = epochs.len();
        epochs.sort();
        epochs.dedup();
        epochs.len() == all
    }

    pub(super) fn epochs_are_given(&self) -> bool {
        let given = |shard| self.table.0.shards.get(&shard).map(|lease| lease.epoch);
        self.at_work().all(|(_, shard, epoch)| Some(epoch) <= given(shard))
    }

    pub(super) fn revocations(&self) -> usize {
        self.table.0.tasks.values().filter(|row| row.revoked).count()
    }

    pub(super) fn first(&self) -> Option<usize> {
        let reads = |letter: &Letter| matches!(letter.content, Content::Answer(_));
        self.letters.iter().position(|letter| {
            let waits = reads(letter) && self.nodes[letter.node].stopped;
            !letter.held && !waits && !matches!(letter.content, Content::Lost(_))
        })
    }
}

pub(super) fn both((shard, epoch): (&Shard, &Epoch)) -> (Shard, Epoch) {
    (*shard, *epoch)
}

/// What an answer answers, as far as its sender's silence is concerned.
pub(super) fn question(answer: &Answer) -> Action {
    match answer {
        Answer::Heartbeat(_) => Action::Heartbeat(0),
        Answer::View(_) => Action::View,
        Answer::Take(shard, _) => Action::Take { shard: *shard, seen: None, revoke: false },
        Answer::Release(shard) => Action::Release(*shard, Epoch::FIRST),
    }
}
