//! How a task keeps its leases: a state machine without clock or I/O.

mod view;

use super::peers::Peers;
use super::{Action, Epoch, LeaseTable, TaskId, Timing, placement};
use crate::ports::LeaseError;
use crate::shard::{Shard, ShardCount};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// One task's leases. Times are those of its own monotonic clock, from any start; those given must never go back.
///
/// Why there are never two owners: an owner works until `fence` after the *start* of its last good heartbeat. Whoever takes
/// over has read that heartbeat's counter, or an earlier one, after that start, and again `dead` later; `dead` is longer.
/// A heartbeat that arrives between the second reading and the taking does not matter, as the fence is for good.
#[cfg_attr(test, derive(Debug, Clone, PartialEq, Eq, Hash))]
pub struct Keeper {
    task: TaskId,
    count: ShardCount,
    timing: Timing,
    counter: u64,
    last_good: Option<Duration>,
    next_heartbeat: Option<Duration>,
    next_view: Option<Duration>,
    peers: Peers,
    owned: BTreeMap<Shard, Epoch>,
    /// Takes and releases that are under way.
    busy: BTreeSet<Shard>,
    /// When a shard was last taken or released: an earlier view says nothing of it.
    changed: BTreeMap<Shard, Duration>,
    /// Since when a shard that belongs elsewhere has been seen to have no living owner.
    orphaned: BTreeMap<Shard, Duration>,
    last_move: Option<Duration>,
    /// What is not moved.
    kept: BTreeSet<Shard>,
    leaving: bool,
    fenced: bool,
}

impl Keeper {
    /// The keeper of a task that starts `now`.
    pub fn new(task: TaskId, count: ShardCount, timing: Timing, now: Duration) -> Self {
        Self {
            task,
            count,
            timing,
            counter: 0,
            last_good: None,
            next_heartbeat: Some(now),
            next_view: None,
            peers: Peers::default(),
            owned: BTreeMap::new(),
            busy: BTreeSet::new(),
            changed: BTreeMap::new(),
            orphaned: BTreeMap::new(),
            last_move: None,
            kept: BTreeSet::new(),
            leaving: false,
            fenced: false,
        }
    }

    /// The task.
    pub fn task(&self) -> &TaskId {
        &self.task
    }

    /// The shards that are this task's, unless it [is fenced](Self::is_fenced).
    pub fn owned(&self) -> &BTreeMap<Shard, Epoch> {
        &self.owned
    }

    /// Whether the task has lost everything, or has by `now` without having been told.
    pub fn is_fenced(&self, now: Duration) -> bool {
        self.fenced || self.fenced_at().is_some_and(|at| now >= at)
    }

    /// When the task is fenced unless another heartbeat comes through; `None` before the first one did.
    pub fn fenced_at(&self) -> Option<Duration> {
        self.last_good.map(|start| start + self.timing.fence)
    }

    /// When to call [`Keeper::tick`] next; `None` when only answers are waited for.
    pub fn wake_at(&self) -> Option<Duration> {
        if self.fenced {
            return None;
        }
        [self.next_heartbeat, self.next_view, self.fenced_at()].into_iter().flatten().min()
    }

    /// When a peer was last seen alive: the first view with its latest heartbeat came then.
    pub fn last_sign_of(&self, peer: &TaskId) -> Option<Duration> {
        self.peers.last_sign_of(peer)
    }

    /// Whether no take and no release is under way.
    pub fn is_settled(&self) -> bool {
        self.busy.is_empty()
    }

    /// From now on takes nothing more: the task is about to end. Its heartbeat goes on. What it owns is for the caller to
    /// give up; a shard whose take was under way is given up as soon as it is taken.
    pub fn leave(&mut self) {
        self.leaving = true;
    }

    /// Moves none of these shards, whoever they belong to, until it is told otherwise: what is under way in them would not survive it.
    pub fn keep(&mut self, shards: BTreeSet<Shard>) {
        self.kept = shards;
    }

    /// What is to do by now.
    pub fn tick(&mut self, now: Duration) -> Vec<Action> {
        if let Some(end) = self.check(now) {
            return end;
        }
        let mut actions = Vec::new();
        if self.next_heartbeat.is_some_and(|at| now >= at) {
            self.next_heartbeat = None;
            self.counter += 1;
            actions.push(Action::Heartbeat(self.counter));
        }
        if self.next_view.is_some_and(|at| now >= at) {
            self.next_view = None;
            actions.push(Action::View);
        }
        actions
    }

    /// A heartbeat that was begun at `started` has ended.
    pub fn heartbeat_done(
        &mut self,
        started: Duration,
        now: Duration,
        outcome: Result<(), LeaseError>,
    ) -> Vec<Action> {
        if let Some(end) = self.check(now) {
            return end;
        }
        match outcome {
            Ok(()) => {
                if self.last_good.is_none() {
                    self.next_view = Some(now);
                }
                self.last_good = Some(started);
                self.next_heartbeat = Some((started + self.timing.beat).max(now));
                self.tick(now)
            }
            Err(LeaseError::Revoked) => self.fence(),
            Err(LeaseError::Changed | LeaseError::Unavailable(_)) => {
                self.next_heartbeat = Some(now + self.timing.retry);
                Vec::new()
            }
        }
    }

    /// A view that was asked for at `started` has come, or failed (`None`).
    pub fn viewed(&mut self, started: Duration, now: Duration, table: Option<&LeaseTable>) -> Vec<Action> {
        if let Some(end) = self.check(now) {
            return end;
        }
        let look = (started + self.timing.look).max(now);
        self.next_view = Some(look);
        let Some(table) = table else { return Vec::new() };
        if table.tasks.get(&self.task).is_some_and(|row| row.revoked) {
            return self.fence();
        }
        self.peers.observe(table, started, now);
        // A peer that is dead by then is known to be by a view of that moment, and not of a while after.
        let death = self.peers.next_death(self.timing.dead, now);
        self.next_view = Some(death.map_or(look, |death| death.min(look)));
        let mut actions = self.reconcile(table, started);
        if !self.leaving {
            let live: Vec<TaskId> = self.live(table);
            let place = placement(self.count, &live);
            actions.extend(self.take_orphans(table, &place, started, now));
            actions.extend(self.move_one(&place, now));
            actions.extend(self.long_dead(table).map(Action::Retire));
        }
        actions
    }

    /// A take has ended.
    pub fn take_done(
        &mut self,
        shard: Shard,
        now: Duration,
        outcome: Result<Epoch, LeaseError>,
    ) -> Vec<Action> {
        if let Some(end) = self.check(now) {
            return end;
        }
        self.busy.remove(&shard);
        self.changed.insert(shard, now);
        match outcome {
            Ok(epoch) if self.leaving => {
                self.busy.insert(shard);
                vec![Action::Release(shard, epoch)]
            }
            Ok(epoch) => {
                self.owned.insert(shard, epoch);
                vec![Action::Own(shard, epoch)]
            }
            Err(LeaseError::Revoked) => self.fence(),
            // The next view tells how it really is, be it that the take went through unheard.
            Err(LeaseError::Changed | LeaseError::Unavailable(_)) => Vec::new(),
        }
    }

    /// A release has ended, well or not: the next view tells.
    pub fn release_done(&mut self, shard: Shard, now: Duration) -> Vec<Action> {
        self.busy.remove(&shard);
        self.changed.insert(shard, now);
        self.check(now).unwrap_or_default()
    }

    /// The end of everything, when it has come.
    fn check(&mut self, now: Duration) -> Option<Vec<Action>> {
        if self.fenced {
            return Some(Vec::new());
        }
        self.is_fenced(now).then(|| self.fence())
    }

    fn fence(&mut self) -> Vec<Action> {
        self.fenced = true;
        self.owned.clear();
        vec![Action::Fence]
    }

    /// Whether a view asked for at `asked` says how a shard is now.
    fn tells(&self, shard: Shard, asked: Duration) -> bool {
        !self.busy.contains(&shard) && self.changed.get(&shard).is_none_or(|changed| asked >= *changed)
    }
}
