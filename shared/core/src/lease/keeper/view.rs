//! What a view of the leases has a keeper do.

use super::Keeper;
use crate::lease::{Action, LeaseTable, TaskId};
use crate::shard::Shard;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

impl Keeper {
    /// Believes the table where it and the keeper differ: a shard lost, or one taken without the answer having come.
    pub(super) fn reconcile(&mut self, table: &LeaseTable, asked: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        for shard in self.count.all() {
            if !self.tells(shard, asked) {
                continue;
            }
            let lease = table.shards.get(&shard);
            let mine =
                lease.filter(|lease| lease.owner.as_ref() == Some(&self.task)).map(|lease| lease.epoch);
            let known = self.owned.get(&shard).copied();
            if known.is_some() && known != mine {
                self.owned.remove(&shard);
                actions.push(Action::Lose(shard));
            }
            if let Some(epoch) = mine.filter(|_| known != mine && !self.leaving) {
                self.owned.insert(shard, epoch);
                actions.push(Action::Own(shard, epoch));
            }
        }
        actions
    }

    fn is_dead(&self, table: &LeaseTable, task: &TaskId) -> bool {
        table.tasks.get(task).is_some_and(|row| row.revoked) || self.peers.still_for(task, self.timing.dead)
    }

    /// The tasks that shards belong to.
    pub(super) fn live(&self, table: &LeaseTable) -> Vec<TaskId> {
        let stays = |task: &TaskId| {
            !self.is_dead(table, task) && table.tasks.get(task).is_some_and(|row| !row.leaving)
        };
        let peers = table.tasks.keys().filter(|task| **task != self.task && stays(task));
        peers.chain(std::iter::once(&self.task)).cloned().collect()
    }

    /// Takes shards without a living owner: those that belong here at once, others when nobody came for them.
    pub(super) fn take_orphans(
        &mut self,
        table: &LeaseTable,
        place: &BTreeMap<Shard, &TaskId>,
        asked: Duration,
        now: Duration,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        for shard in self.count.all() {
            let seen = table.shards.get(&shard);
            let owner = seen.and_then(|lease| lease.owner.as_ref());
            let orphan = self.tells(shard, asked)
                && owner.is_none_or(|owner| *owner != self.task && self.is_dead(table, owner));
            if !orphan {
                self.orphaned.remove(&shard);
                continue;
            }
            let since = *self.orphaned.entry(shard).or_insert(now);
            if place.get(&shard) == Some(&&self.task) || now >= since + self.timing.dead {
                let revoke =
                    owner.is_some_and(|owner| !table.tasks.get(owner).is_some_and(|row| row.revoked));
                self.orphaned.remove(&shard);
                self.busy.insert(shard);
                actions.push(Action::Take { shard, seen: seen.cloned(), revoke });
            }
        }
        actions
    }

    /// Gives one shard that belongs to a peer up to it, unless one was given up only just now.
    pub(super) fn move_one(&mut self, place: &BTreeMap<Shard, &TaskId>, now: Duration) -> Option<Action> {
        if self.last_move.is_some_and(|last| now < last + self.timing.pace) {
            return None;
        }
        let elsewhere = |shard: &Shard| {
            !self.kept.contains(shard)
                && place.get(shard).is_some_and(|task| **task != self.task && self.peers.has_moved(task))
        };
        let shard = *self.owned.keys().find(|shard| !self.busy.contains(shard) && elsewhere(shard))?;
        let epoch = self.owned.remove(&shard)?;
        self.busy.insert(shard);
        self.last_move = Some(now);
        Some(Action::Release(shard, epoch))
    }

    /// Rows of peers that are long dead and own nothing.
    pub(super) fn long_dead(&self, table: &LeaseTable) -> impl Iterator<Item = TaskId> {
        let owners: BTreeSet<&TaskId> =
            table.shards.values().filter_map(|lease| lease.owner.as_ref()).collect();
        let peers = table.tasks.keys().filter(move |task| **task != self.task && !owners.contains(task));
        let dead: Vec<TaskId> =
            peers.filter(|task| self.peers.still_for(task, self.timing.forget)).cloned().collect();
        dead.into_iter()
    }
}
