//! Session tasks that are cut off from what they need.

use crate::fleet::{AFTER_CRASH, Fleet, now};
use crate::until::until;
use crate::world::World;
use carteiro_local::Way;
use std::time::Duration;

#[tokio::test]
async fn a_task_is_cut_off_from_dynamodb_from_sqs_and_from_whatsapp() {
    let world = World::start_fleet(2).await;
    let fleet = Fleet::of(&world, 4).await;
    fleet.spread_evenly("two tasks").await;
    fleet
        .under_load(async {
            // Without DynamoDB its leases end, and another takes what it had.
            let victim = fleet.owner(&fleet.lanes[0]).await;
            let own = fleet.of_task(victim).await;
            let links = world.fleet().links(victim).unwrap();
            let at = now();
            links.dynamo.set(Way::Silent);
            fleet.taken_over("cut off from DynamoDB", &own, at, victim, AFTER_CRASH).await;
            links.dynamo.set(Way::Open);
            fleet.spread_evenly("DynamoDB is back").await;

            // Without SQS it keeps its leases; what waits in its queues goes out once it can read them.
            let lane = &fleet.lanes[0];
            let victim = fleet.owner(lane).await;
            let own = fleet.of_task(victim).await;
            let before = fleet.all_holders(&own).await;
            let links = world.fleet().links(victim).unwrap();
            links.sqs.set(Way::Silent);
            // The next one may be on its way already.
            let meanwhile = lane.accepted() + 1;
            tokio::time::sleep(Duration::from_secs(10)).await;
            until("a send is accepted meanwhile", async || (lane.accepted() > meanwhile).then_some(())).await;
            let open = now();
            links.sqs.set(Way::Open);
            let came = fleet.arrival(lane, meanwhile).await;
            assert!(came >= open, "it came {} ms before the task could know of it", open - came);
            assert_eq!(fleet.all_holders(&own).await, before, "without SQS, no shard changes hands");

            // Without WhatsApp its numbers wait, and connect again.
            let victim = fleet.owner(&fleet.lanes[1]).await;
            let own = fleet.of_task(victim).await;
            let before = fleet.all_holders(&own).await;
            let links = world.fleet().links(victim).unwrap();
            links.whatsapp.set(Way::Broken);
            tokio::time::sleep(Duration::from_secs(5)).await;
            let open = now();
            links.whatsapp.set(Way::Open);
            for lane in &own {
                fleet.message_after(lane, open).await;
            }
            assert_eq!(fleet.all_holders(&own).await, before, "without WhatsApp, no shard changes hands");
        })
        .await;
    fleet.check().await;
    world.stop().await;
}
