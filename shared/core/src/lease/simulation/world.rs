//! Nodes with clocks of their own, and a network between them and the table.

use super::table::Table;
use crate::lease::{Action, Epoch, Keeper, LeaseTable, TaskId, Timing};
use crate::ports::{LeaseError, Unavailable};
use crate::shard::{Shard, ShardCount};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) const SHARDS: u16 = 16;

/// Numbers from a seed, so that a failing case can be played again (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

/// What a request answered.
#[derive(Clone)]
enum Answer {
    Heartbeat(Result<(), LeaseError>),
    View(Option<LeaseTable>),
    Take(Shard, Result<Epoch, LeaseError>),
    Release(Shard),
}

/// A request on its way to the table, or its answer on the way back.
enum Event {
    Arrives { node: usize, life: u32, action: Action, asked: u64, answer_lost: bool },
    Answered { node: usize, life: u32, asked: u64, answer: Answer },
}

pub(super) struct Node {
    pub(super) keeper: Keeper,
    /// Which run of the node this is; answers to an earlier one are dropped.
    life: u32,
    /// Its clock: thousandths of a tick for each millisecond.
    rate: u64,
    /// Until when it stands still, answering nothing and seeing nothing.
    pub(super) paused_until: u64,
    pub(super) down_until: u64,
}

pub(super) struct World {
    pub(super) now: u64,
    chance: Chance,
    table: Table,
    pub(super) nodes: Vec<Node>,
    events: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    lives: u32,
    timing: Timing,
    /// The first time that two tasks would have written.
    pub(super) two_owners: Option<String>,
    pub(super) calm: bool,
}

/// The id of a run.
fn name(life: u32) -> TaskId {
    TaskId::from_random(u64::from(life).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())
}

fn unavailable() -> LeaseError {
    LeaseError::Unavailable(Unavailable::new("simulated", "lost"))
}

impl World {
    pub(super) fn new(seed: u64, nodes: usize, timing: Timing) -> Self {
        let mut world = Self {
            now: 0,
            chance: Chance(seed),
            table: Table::default(),
            nodes: Vec::new(),
            events: BTreeMap::new(),
            sequence: 0,
            lives: 0,
            timing,
            two_owners: None,
            calm: false,
        };
        for _ in 0..nodes {
            let rate = 970 + world.chance.below(61);
            let keeper = world.keeper(rate);
            let life = world.lives;
            world.nodes.push(Node { keeper, life, rate, paused_until: 0, down_until: 0 });
        }
        world
    }

    fn keeper(&mut self, rate: u64) -> Keeper {
        self.lives += 1;
        let id = name(self.lives);
        Keeper::new(id, ShardCount::new(SHARDS).unwrap(), self.timing, local(rate, self.now))
    }

    fn later(&mut self, delay: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((self.now + delay, self.sequence), event);
    }

    fn delay(&mut self) -> u64 {
        if self.calm || self.chance.below(10) < 8 {
            1 + self.chance.below(60)
        } else {
            self.chance.below(9_000)
        }
    }

    fn up(&self, node: usize) -> bool {
        self.nodes[node].paused_until <= self.now && self.nodes[node].down_until <= self.now
    }

    fn perform(&mut self, node: usize, actions: Vec<Action>) {
        let (life, now) = (self.nodes[node].life, self.now);
        for action in actions {
            match action {
                Action::Own(..) | Action::Lose(_) => {}
                Action::Retire(task) => drop(self.table.0.tasks.remove(&task)),
                Action::Fence => {
                    let keeper = self.keeper(self.nodes[node].rate);
                    let life = self.lives;
                    (self.nodes[node].keeper, self.nodes[node].life) = (keeper, life);
                }
                action => {
                    let (lost, answer_lost) =
                        (!self.calm && self.chance.below(12) == 0, !self.calm && self.chance.below(12) == 0);
                    if lost {
                        let answer = failure(&action);
                        self.later(2_500, Event::Answered { node, life, asked: now, answer });
                    } else {
                        let delay = self.delay();
                        self.later(delay, Event::Arrives { node, life, action, asked: now, answer_lost });
                    }
                }
            }
        }
    }

    /// The table carries a request out, be its sender alive or not.
    fn arrives(&mut self, node: usize, life: u32, action: Action, asked: u64, answer_lost: bool) {
        let sender = name(life);
        let answer = match &action {
            Action::Heartbeat(counter) => Answer::Heartbeat(self.table.heartbeat(&sender, *counter)),
            Action::View => Answer::View(Some(self.table.0.clone())),
            Action::Take { shard, seen, revoke } => {
                Answer::Take(*shard, self.table.take(*shard, &sender, seen.as_ref(), *revoke))
            }
            Action::Release(shard, epoch) => {
                self.table.release(*shard, &sender, *epoch);
                Answer::Release(*shard)
            }
            _ => return,
        };
        // A sender waits 2.5 s for an answer and then takes it for lost.
        let back = self.delay();
        let (wait, answer) = if answer_lost || self.now + back > asked + 2_500 {
            ((asked + 2_500).saturating_sub(self.now), failure(&action))
        } else {
            (back, answer)
        };
        self.later(wait, Event::Answered { node, life, asked, answer });
    }

    fn answered(&mut self, node: usize, life: u32, asked: u64, answer: Answer) {
        let target = &mut self.nodes[node];
        if target.life != life {
            return;
        }
        if target.paused_until > self.now {
            let wait = target.paused_until - self.now;
            return self.later(wait, Event::Answered { node, life, asked, answer });
        }
        let (now, asked) = (local(target.rate, self.now), local(target.rate, asked));
        let keeper = &mut target.keeper;
        let actions = match answer {
            Answer::Heartbeat(outcome) => keeper.heartbeat_done(asked, now, outcome),
            Answer::View(table) => keeper.viewed(asked, now, table.as_ref()),
            Answer::Take(shard, outcome) => keeper.take_done(shard, now, outcome),
            Answer::Release(shard) => keeper.release_done(shard, now),
        };
        self.perform(node, actions);
    }

    fn trouble(&mut self) {
        let node = self.chance.below(self.nodes.len() as u64) as usize;
        match self.chance.below(400) {
            0 => self.nodes[node].paused_until = self.now + self.chance.below(20_000),
            1 => {
                // Killed, and started again later under a new id.
                self.nodes[node].down_until = self.now + self.chance.below(15_000);
                let keeper = self.keeper(self.nodes[node].rate);
                (self.nodes[node].keeper, self.nodes[node].life) = (keeper, self.lives);
            }
            _ => {}
        }
    }

    /// Every 25 ms until `end`, looking for two owners at each step.
    pub(super) fn run(&mut self, end: u64) {
        while self.now < end {
            self.now += 25;
            if !self.calm {
                self.trouble();
            }
            while let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= self.now) {
                match entry.remove() {
                    Event::Arrives { node, life, action, asked, answer_lost } => {
                        self.arrives(node, life, action, asked, answer_lost);
                    }
                    Event::Answered { node, life, asked, answer } => self.answered(node, life, asked, answer),
                }
                self.check();
            }
            for node in 0..self.nodes.len() {
                if self.up(node) {
                    let now = local(self.nodes[node].rate, self.now);
                    let actions = self.nodes[node].keeper.tick(now);
                    self.perform(node, actions);
                }
            }
            self.check();
        }
    }

    /// Never two tasks that would both write: neither paused, neither fenced by its own clock.
    fn check(&mut self) {
        let mut owners = BTreeSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            if self.up(index) && !node.keeper.is_fenced(local(node.rate, self.now)) {
                for shard in node.keeper.owned().keys() {
                    if !owners.insert(*shard) && self.two_owners.is_none() {
                        self.two_owners = Some(format!("shard {shard} at {} ms", self.now));
                    }
                }
            }
        }
    }

    pub(super) fn load(&self) -> Vec<usize> {
        self.nodes.iter().map(|node| node.keeper.owned().len()).collect()
    }
}

fn failure(action: &Action) -> Answer {
    match action {
        Action::Heartbeat(_) => Answer::Heartbeat(Err(unavailable())),
        Action::Take { shard, .. } => Answer::Take(*shard, Err(unavailable())),
        Action::Release(shard, _) => Answer::Release(*shard),
        _ => Answer::View(None),
    }
}

/// A node's own time: its rate, and an offset that no other has.
fn local(rate: u64, now: u64) -> Duration {
    Duration::from_micros(now * rate + rate * 1_000_000)
}
