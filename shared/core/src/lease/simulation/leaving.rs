//! What a task gives up as it ends.

use crate::lease::{Action, Epoch, Keeper, LeaseTable, ShardLease, TaskId, TaskRow, Timing};
use crate::shard::ShardCount;
use std::time::Duration;

const COUNT: u16 = 16;

/// How many shards a task takes at its first view of a peer that has just given all of them up.
fn taken_at_once(leaving: bool) -> usize {
    let [own, peer] = [[1; 8], [2; 8]].map(TaskId::from_random);
    let count = ShardCount::new(COUNT).unwrap();
    let mut keeper = Keeper::new(own.clone(), count, Timing::default(), Duration::ZERO);
    keeper.tick(Duration::ZERO);
    keeper.heartbeat_done(Duration::ZERO, Duration::from_millis(5), Ok(()));
    let mut table = LeaseTable::default();
    table.tasks.insert(own, TaskRow { counter: 1, ..TaskRow::default() });
    table.tasks.insert(peer, TaskRow { counter: 7, leaving, ..TaskRow::default() });
    for shard in count.all() {
        table.shards.insert(shard, ShardLease { owner: None, epoch: Epoch::FIRST });
    }
    let seen = keeper.viewed(Duration::from_millis(5), Duration::from_millis(9), Some(&table));
    seen.iter().filter(|action| matches!(action, Action::Take { revoke: false, .. })).count()
}

#[test]
fn what_a_leaving_task_gives_up_is_taken_at_the_next_look() {
    assert_eq!(taken_at_once(true), usize::from(COUNT));
    // A peer that stays comes for its own share itself.
    assert_eq!(taken_at_once(false), usize::from(COUNT) / 2);
}
