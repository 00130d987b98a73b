//! Which task each shard should be with.

use super::TaskId;
use crate::shard::{Shard, ShardCount};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Where each shard belongs, given the tasks that live: rendezvous hashing, with a cap on each task so that no two differ by
/// more than one shard. All tasks that see the same peers work out the same; with no tasks it is empty.
pub fn placement<'a>(
    count: ShardCount,
    live: impl IntoIterator<Item = &'a TaskId>,
) -> BTreeMap<Shard, &'a TaskId> {
    let mut load: BTreeMap<&TaskId, usize> = live.into_iter().map(|task| (task, 0)).collect();
    if load.is_empty() {
        return BTreeMap::new();
    }
    let (share, mut odd) = (usize::from(count.get()) / load.len(), usize::from(count.get()) % load.len());
    let mut placed = BTreeMap::new();
    for shard in count.all() {
        let best = load
            .iter_mut()
            .filter(|(_, shards)| **shards < share || (**shards == share && odd > 0))
            .max_by_key(|(task, _)| (weight(task, shard), **task));
        if let Some((task, shards)) = best {
            if *shards == share {
                odd -= 1;
            }
            *shards += 1;
            placed.insert(shard, *task);
        }
    }
    placed
}

/// How much a task is drawn to a shard.
fn weight(task: &TaskId, shard: Shard) -> [u8; 8] {
    let digest = Sha256::new()
        .chain_update(b"carteiro/placement/1")
        .chain_update(shard.index().to_be_bytes())
        .chain_update(task.as_str().as_bytes())
        .finalize();
    let mut weight = [0; 8];
    weight.copy_from_slice(&digest[..8]);
    weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_shard_has_a_place_and_no_task_more_or_less_than_its_share(shards in 1u16..=256, ids in prop::collection::btree_set(any::<[u8; 8]>(), 1..9)) {
            let (count, tasks) = (ShardCount::new(shards).unwrap(), ids.into_iter().map(TaskId::from_random).collect::<Vec<_>>());
            let placed = placement(count, &tasks);
            prop_assert_eq!(placed.len(), usize::from(shards));
            for task in &tasks {
                let own = placed.values().filter(|owner| **owner == task).count();
                let (all, each) = (usize::from(shards), tasks.len());
                prop_assert!((all / each..=all.div_ceil(each)).contains(&own));
            }
            let mut turned = tasks.clone();
            turned.reverse();
            prop_assert_eq!(placed, placement(count, &turned));
        }
    }

    #[test]
    fn without_tasks_there_is_no_place() {
        assert!(placement(ShardCount::new(16).unwrap(), []).is_empty());
    }
}
