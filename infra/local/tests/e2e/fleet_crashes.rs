//! Session tasks that die, or stand still for longer than their leases.

use crate::fleet::{AFTER_CRASH, Fleet, now};
use crate::world::World;
use std::time::Duration;

#[tokio::test]
async fn a_task_is_killed_and_one_stands_still() {
    let world = World::start_fleet(3).await;
    let fleet = Fleet::of(&world, 6).await;
    fleet.spread_evenly("three tasks").await;
    fleet
        .under_load(async {
            let victim = fleet.owner(&fleet.lanes[0]).await;
            let own = fleet.of_task(victim).await;
            let at = now();
            world.fleet().kill(victim).await;
            fleet.taken_over("killed", &own, at, victim, AFTER_CRASH).await;
            world.fleet().start(victim).await.unwrap();
            fleet.spread_evenly("one is back").await;

            let victim = fleet.owner(&fleet.lanes[1]).await;
            let own = fleet.of_task(victim).await;
            let at = now();
            world.fleet().freeze(victim);
            fleet.taken_over("frozen", &own, at, victim, AFTER_CRASH).await;
            let rest = Duration::from_secs(30).saturating_sub(Duration::from_millis(now() - at));
            tokio::time::sleep(rest).await;
            let before: Vec<usize> = holders(&fleet).await;
            world.fleet().thaw(victim);
            fleet.spread_evenly("thawed").await;
            // What moves back to it moves in order; what it had when it froze, it never touches before.
            assert!(holders(&fleet).await.iter().zip(before).all(|(after, before)| *after <= before + 1));
        })
        .await;
    fleet.check().await;
    world.stop().await;
}

/// How often each number has changed hands.
async fn holders(fleet: &Fleet<'_>) -> Vec<usize> {
    let mut counts = Vec::new();
    for lane in &fleet.lanes {
        counts.push(fleet.holders(lane).await.len());
    }
    counts
}
