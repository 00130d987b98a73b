//! What a task does not move.

use crate::lease::{Action, Epoch, Keeper, LeaseTable, ShardLease, TaskId, TaskRow, Timing};
use crate::shard::{Shard, ShardCount};
use std::collections::BTreeSet;
use std::time::Duration;

const COUNT: u16 = 16;

/// A task that owns every shard, and sees a living peer at each of its looks.
struct Owner {
    keeper: Keeper,
    table: LeaseTable,
    peer: TaskId,
    now: Duration,
}

impl Owner {
    fn new() -> Self {
        let [own, peer] = [[1; 8], [2; 8]].map(TaskId::from_random);
        let count = ShardCount::new(COUNT).unwrap();
        let mut table = LeaseTable::default();
        for task in [&own, &peer] {
            table.tasks.insert(task.clone(), TaskRow { counter: 1, ..TaskRow::default() });
        }
        for shard in count.all() {
            table.shards.insert(shard, ShardLease { owner: Some(own.clone()), epoch: Epoch::FIRST });
        }
        let keeper = Keeper::new(own, count, Timing::default(), Duration::ZERO);
        Self { keeper, table, peer, now: Duration::ZERO }
    }

    /// The shards that it begins to give up within 20 seconds; none of them ends.
    fn gives_up(&mut self) -> BTreeSet<Shard> {
        let mut given = BTreeSet::new();
        for _ in 0..20 {
            self.now += Duration::from_secs(1);
            self.keeper.tick(self.now);
            self.keeper.heartbeat_done(self.now, self.now, Ok(()));
            self.table.tasks.entry(self.peer.clone()).and_modify(|row| row.counter += 1);
            let actions = self.keeper.viewed(self.now, self.now, Some(&self.table));
            given.extend(actions.iter().filter_map(|action| match action {
                Action::Release(shard, _) => Some(*shard),
                _ => None,
            }));
        }
        given
    }
}

#[test]
fn what_is_kept_is_not_moved_and_holds_nothing_else_up() {
    let all: BTreeSet<Shard> = ShardCount::new(COUNT).unwrap().all().collect();
    let moved = Owner::new().gives_up();
    assert!(moved.len() > 3, "{moved:?}");
    let kept: BTreeSet<Shard> = moved.iter().take(2).copied().collect();
    let mut owner = Owner::new();
    owner.keeper.keep(kept.clone());
    let others = owner.gives_up();
    assert!(others.len() > 3 && others.is_disjoint(&kept), "{others:?}");
    owner.keeper.keep(BTreeSet::new());
    assert!(kept.is_subset(&owner.gives_up()));
    let mut owner = Owner::new();
    owner.keeper.keep(all);
    assert_eq!(owner.gives_up(), BTreeSet::new());
}
