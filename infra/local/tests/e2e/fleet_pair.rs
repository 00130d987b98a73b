//! Two session tasks that are started at the same moment, on numbers that are paired already.

use crate::fleet::{Fleet, now};
use crate::world::World;
use std::time::Duration;

/// By when the shards are to be spread evenly.
const SPREAD: Duration = Duration::from_secs(60);

#[tokio::test]
async fn two_tasks_started_at_once_share_what_there_is() {
    let world = World::start_fleet(1).await;
    let fleet = Fleet::of(&world, 6).await;
    for lane in &fleet.lanes {
        fleet.send(lane).await;
        fleet.delivered(lane).await;
    }
    // Nobody has anything, and sends wait already.
    world.fleet().stop(0).await;
    for lane in &fleet.lanes {
        fleet.send(lane).await;
    }
    let second = world.fleet().place().await.unwrap();
    fleet
        .under_load(async {
            let at = now();
            let (one, two) = tokio::join!(world.fleet().start(0), world.fleet().start(second));
            one.unwrap();
            two.unwrap();
            fleet.spread_evenly("two tasks at once").await;
            let spread = Duration::from_millis(now() - at);
            assert!(spread < SPREAD, "the shards were spread after {spread:?}");
            for lane in &fleet.lanes {
                // Who did not get a number never logged in with it; it moved once, if at all, as the shards were spread.
                let before = fleet.holders(lane).await.iter().filter(|(_, since)| *since < at).count();
                let owner = fleet.owner(lane).await;
                let hands = fleet.holders(lane).await;
                assert!(hands.len() - before <= 2 && [0, second].contains(&owner), "{hands:?}");
                fleet.message_after(lane, at).await;
            }
        })
        .await;
    // Everything once, in order, and no device in two hands at any time.
    fleet.check().await;
    fleet.had_one_stream_at_a_time().await;
    world.stop().await;
}
