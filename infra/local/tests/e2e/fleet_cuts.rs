//! Session tasks that are cut off from what they need.

use crate::fleet::{AFTER_CRASH, Fleet, now};
use crate::world::World;
use carteiro_local::Way;

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
            let victim = fleet.owner(&fleet.lanes[0]).await;
            let links = world.fleet().links(victim).unwrap();
            links.sqs.set(Way::Silent);
            tokio::time::sleep(std::time::Duration::from_secs(10)).await;
            links.sqs.set(Way::Open);

            // Without WhatsApp its numbers wait, and connect again.
            let victim = fleet.owner(&fleet.lanes[1]).await;
            let links = world.fleet().links(victim).unwrap();
            links.whatsapp.set(Way::Broken);
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            links.whatsapp.set(Way::Open);
        })
        .await;
    fleet.check().await;
    world.stop().await;
}
