//! Session tasks that come and go in order, and clocks that jump.

use crate::fleet::{AFTER_SIGTERM, Fleet, now};
use crate::world::World;
use serde_json::json;

const HOUR: i64 = 3_600;

#[tokio::test]
async fn a_rolling_deployment_under_load() {
    let world = World::start_fleet(1).await;
    let fleet = Fleet::of(&world, 4).await;
    fleet
        .under_load(async {
            // Two at once beside the one that has everything.
            let (one, two) = (world.fleet().add().await.unwrap(), world.fleet().add().await.unwrap());
            assert_eq!((one, two), (1, 2));
            fleet.spread_evenly("two more tasks").await;
            for old in 0..3 {
                let new = world.fleet().add().await.unwrap();
                let own = fleet.of_task(old).await;
                let at = now();
                world.fleet().stop(old).await;
                eprintln!("task {old} ended {} ms after SIGTERM; task {new} is there", now() - at);
                fleet.taken_over("SIGTERM", &own, at, old, AFTER_SIGTERM).await;
            }
            fleet.spread_evenly("all are new").await;
        })
        .await;
    fleet.check().await;
    fleet.had_one_stream_at_a_time().await;
    world.stop().await;
}

#[tokio::test]
async fn a_clock_that_jumps_an_hour() {
    let world = World::start_fleet(2).await;
    let fleet = Fleet::of(&world, 3).await;
    fleet.spread_evenly("two tasks").await;
    let lane = &fleet.lanes[0];
    let owner = fleet.owner(lane).await;
    let owned = fleet.holders(lane).await.len();
    let tenant = fleet.tenant();
    // Sends that wait for their number, across the jumps.
    tenant.call("POST", "/v2/numbers/disconnect", &json!({"number": lane.worker})).await;
    tenant.state(&lane.worker, "offline").await;
    for _ in 0..3 {
        fleet.send(lane).await;
    }
    for shift in [HOUR, -HOUR, 0] {
        for task in 0..2 {
            // Apart from each other, too: nobody compares them.
            world.fleet().shift_clock(task, if task == owner { shift } else { 0 }).unwrap();
        }
        for lane in &fleet.lanes[1..] {
            for _ in 0..3 {
                fleet.send(lane).await;
            }
        }
        fleet.send(lane).await;
        for lane in &fleet.lanes[1..] {
            fleet.delivered(lane).await;
        }
    }
    world.fleet().shift_clock(owner, HOUR).unwrap();
    let answer = tenant.get(&format!("/v2/numbers/connect?number={}", lane.worker)).await;
    assert!(answer.status < 300, "{}", answer.text());
    fleet.delivered(lane).await;
    assert_eq!(fleet.holders(lane).await.len(), owned, "no lease was lost over it");
    fleet.check().await;
    world.stop().await;
}
