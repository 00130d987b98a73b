//! Several keepers over one table, with slow, lost and doubled requests, pauses and crashes.

mod every;
mod fleet;
mod happening;
mod leaving;
mod staying;
mod table;
mod town;
mod world;

use super::{TaskId, Timing, placement};
use crate::shard::ShardCount;
use proptest::prelude::*;
use std::time::Duration;
use world::{SHARDS, World};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn never_two_owners_and_in_the_end_every_shard_where_it_belongs(seed: u64, nodes in 1usize..5) {
        let mut world = World::new(seed, nodes, Timing::default());
        world.run(90_000);
        world.calm = true;
        let pauses = world.nodes.iter().map(|n| n.paused_until.max(n.down_until)).max().unwrap_or(0);
        // What was under way ends, the dead are seen to be dead, and then one move each 3 s.
        let end = world.now.max(pauses) + 25_000 + u64::from(SHARDS) * 4_000;
        world.run(end);
        prop_assert_eq!(&world.two_owners, &None);
        let live: Vec<TaskId> = world.nodes.iter().map(|node| node.keeper.task().clone()).collect();
        let place = placement(ShardCount::new(SHARDS).unwrap(), &live);
        for node in &world.nodes {
            for shard in node.keeper.owned().keys() {
                prop_assert_eq!(place.get(shard), Some(&node.keeper.task()));
            }
        }
        prop_assert_eq!(world.load().iter().sum::<usize>(), usize::from(SHARDS), "{:?}", world.load());
    }
}

#[test]
fn a_task_alone_takes_every_free_shard_at_once() {
    let mut world = World::new(1, 1, Timing::default());
    world.calm = true;
    world.run(500);
    assert_eq!(world.load(), [16]);
}

#[test]
fn tasks_that_join_one_share_evenly_with_it_within_a_minute() {
    for tasks in 2..=16 {
        let mut world = World::new(7, tasks, Timing::default());
        world.calm = true;
        world.nodes[1..].iter_mut().for_each(|node| node.down_until = 5_000);
        world.run(5_000);
        assert_eq!(world.load()[0], 16);
        world.run(65_000);
        let (load, share) = (world.load(), 16 / tasks);
        let even = load.iter().all(|shards| (share..=16usize.div_ceil(tasks)).contains(shards));
        assert!(even && load.iter().sum::<usize>() == 16, "{load:?}");
    }
}

#[test]
fn the_shards_of_a_killed_task_are_taken_over_after_eight_seconds_and_not_before() {
    let mut world = World::new(3, 2, Timing::default());
    world.calm = true;
    world.nodes[1].down_until = 4_000;
    world.run(4_000);
    world.nodes[0].down_until = u64::MAX;
    world.run(11_500);
    assert_eq!(world.nodes[1].keeper.owned().len(), 0);
    // A look to see its last heartbeat, the eight seconds, and the taking.
    world.run(14_000);
    assert_eq!(world.nodes[1].keeper.owned().len(), 16);
}

#[test]
fn a_task_that_leaves_takes_nothing_more() {
    let mut world = World::new(5, 1, Timing::default());
    world.calm = true;
    world.nodes[0].keeper.leave();
    world.run(10_000);
    assert_eq!(world.load(), [0]);
}

/// The simulation is worth something only if it notices what it looks for.
#[test]
fn a_fence_longer_than_death_lets_two_owners_write() {
    let timing = Timing { fence: Duration::from_secs(20), ..Timing::default() };
    let found = (0..40).any(|seed| {
        let mut world = World::new(seed, 3, timing);
        world.run(60_000);
        world.two_owners.is_some()
    });
    assert!(found);
}
