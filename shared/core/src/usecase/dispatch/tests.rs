//! Tests of handing sends over.

use super::*;
use crate::ids::SendId;
use crate::usecase::fixture::{World, image, shard, tenant};

/// A time by which a text can be handed over, and no file made ready.
fn soon(world: &World) -> Timestamp {
    world.clock.now() + SignedDuration::from_secs(1)
}

/// A time by which a file can be made ready.
fn later(world: &World) -> Timestamp {
    world.clock.now() + PREPARE_TIME
}

async fn accepted_image(world: &World) -> SendAccepted {
    let accepted = world.accept_body(&image("https://exemplo.com/a.jpg"), None).await.unwrap();
    SendAccepted { send_id: accepted.send.id }
}

async fn accepted(world: &World) -> SendAccepted {
    SendAccepted { send_id: world.accept("Olá", None).await.unwrap().send.id }
}

#[tokio::test]
async fn hands_a_send_to_its_shard_once() {
    let world = World::new().await;
    let signal = accepted(&world).await;
    for _ in 0..2 {
        assert_eq!(world.dispatch().dispatch(&signal, soon(&world)).await, Ok(Dispatched::Handed));
    }
    let pushed = world.shards.pushed();
    assert_eq!(pushed.len(), 1, "the same attempt twice is one command");
    assert_eq!((pushed[0].shard, pushed[0].dedup.clone()), (shard(), format!("{}:0", signal.send_id)));
    assert_eq!(pushed[0].command.group(), "s:5511988887777");
    let due = world.clock.now() + SignedDuration::from_mins(15);
    assert_eq!(world.sends.due_at(signal.send_id), Some(due));
}

#[tokio::test]
async fn what_may_not_be_sent_any_more_fails() {
    let world = World::new().await;
    let expired = accepted(&world).await;
    world.clock.advance(SignedDuration::from_hours(24));
    let orphan = accepted(&world).await;
    world.remove_worker().await;
    for (signal, failure) in [(expired, Failure::Expired), (orphan, Failure::NotAWorker)] {
        let did = world.dispatch().dispatch(&signal, soon(&world)).await;
        assert_eq!(did, Ok(Dispatched::Failed(failure.clone())));
        let send = world.sends.peek(signal.send_id).unwrap();
        assert_eq!((send.status, send.failure), (Status::Failed, Some(failure)));
    }
    assert!(world.shards.pushed().is_empty());
}

#[tokio::test]
async fn a_plan_that_forbids_and_a_tenant_that_is_gone() {
    let world = World::new().await;
    let signal = accepted(&world).await;
    world.accounts.remove(&world.tenant).await.unwrap();
    assert_eq!(
        world.dispatch().dispatch(&signal, soon(&world)).await,
        Ok(Dispatched::Failed(Failure::NumberRemoved)),
        "its numbers are removed first, but that may not be seen yet"
    );
    let signal = accepted(&world).await;
    world.accounts.create(&tenant(1, "mudo")).await.unwrap();
    assert_eq!(
        world.dispatch().dispatch(&signal, soon(&world)).await,
        Ok(Dispatched::Failed(Failure::PlanForbids))
    );
}

#[tokio::test]
async fn what_is_over_or_in_hand_is_left_alone() {
    let world = World::new().await;
    let cancelled = accepted(&world).await;
    world.sends.apply(cancelled.send_id, &Step::Cancel, world.clock.now()).await.unwrap();
    let taken = accepted(&world).await;
    world
        .sends
        .apply(taken.send_id, &Step::Take("551188887777@s.whatsapp.net".into()), world.clock.now())
        .await
        .unwrap();
    world.remove_worker().await;
    let did = world.dispatch().dispatch(&cancelled, soon(&world)).await;
    assert_eq!(did, Ok(Dispatched::Nothing(Status::Cancelled)));
    let did = world.dispatch().dispatch(&taken, soon(&world)).await;
    assert_eq!(did, Ok(Dispatched::Nothing(Status::Processing)), "it may be on the wire");
    let unknown = SendAccepted { send_id: SendId::from_random([9; 16]) };
    assert_eq!(world.dispatch().dispatch(&unknown, soon(&world)).await, Ok(Dispatched::Unknown));
    assert!(world.shards.pushed().is_empty());
}

#[tokio::test]
async fn an_outage_leaves_the_send_as_it_was() {
    let world = World::new().await;
    let signal = accepted(&world).await;
    for switch in [&world.sends.switch, &world.numbers.switch, &world.accounts.switch, &world.shards.switch] {
        switch.fail();
        assert!(world.dispatch().dispatch(&signal, soon(&world)).await.is_err());
        switch.recover();
        assert_eq!(world.sends.peek(signal.send_id).unwrap().status, Status::Queued);
        assert_eq!(world.sends.due_at(signal.send_id), Some(world.in_a_minute()), "the sweep is not put off");
    }
    assert_eq!(world.dispatch().dispatch(&signal, soon(&world)).await, Ok(Dispatched::Handed));
}

#[tokio::test]
async fn a_file_is_made_ready_once_before_it_is_handed_over() {
    let world = World::new().await;
    let signal = accepted_image(&world).await;
    for _ in 0..2 {
        let did = world.dispatch().dispatch(&signal, later(&world)).await;
        assert_eq!(did, Ok(Dispatched::Handed));
    }
    assert_eq!(world.preparer.asked(), [signal.send_id]);
    let send = world.sends.peek(signal.send_id).unwrap();
    assert_eq!(world.preparations.kept_until(send.id), Some(send.expires_at));
    assert_eq!(world.shards.pushed().len(), 1);
    accepted(&world).await;
    assert_eq!(world.preparer.asked().len(), 1, "a text has no file");
}

#[tokio::test]
async fn a_file_that_will_never_be_ready_fails_its_send_alone() {
    let world = World::new().await;
    for failure in [Failure::MediaForbidden, Failure::MediaFormat, Failure::MediaGone] {
        let signal = accepted_image(&world).await;
        world.preparer.fail(Some(PrepareError::Failed(failure.clone())));
        let did = world.dispatch().dispatch(&signal, later(&world)).await;
        assert_eq!(did, Ok(Dispatched::Failed(failure.clone())));
        assert_eq!(world.sends.peek(signal.send_id).unwrap().failure, Some(failure));
        assert_eq!(world.preparations.kept_until(signal.send_id), None);
    }
    world.preparer.fail(None);
    let signal = accepted_image(&world).await;
    assert_eq!(world.dispatch().dispatch(&signal, later(&world)).await, Ok(Dispatched::Handed));
    assert_eq!(handed(&world), [format!("{}:0", signal.send_id)]);
}

/// The commands to shards that hand sends over: those that tell of an end are left out.
fn handed(world: &World) -> Vec<String> {
    let pushed = world.shards.pushed().into_iter().map(|pushed| pushed.dedup);
    pushed.filter(|dedup| !dedup.ends_with(":failed")).collect()
}

#[tokio::test]
async fn its_numbers_session_is_told_of_a_send_that_failed_here_once() {
    let world = World::new().await;
    let signal = accepted_image(&world).await;
    world.preparer.fail(Some(PrepareError::Failed(Failure::MediaGone)));
    world.shards.switch.fail();
    assert!(world.dispatch().dispatch(&signal, later(&world)).await.is_err(), "the signal comes again");
    assert_eq!(world.sends.peek(signal.send_id).unwrap().failure, Some(Failure::MediaGone));
    world.shards.switch.recover();
    for _ in 0..2 {
        let did = world.dispatch().dispatch(&signal, later(&world)).await;
        assert_eq!(did, Ok(Dispatched::Nothing(Status::Failed)));
    }
    let pushed = world.shards.pushed();
    assert_eq!(pushed.len(), 1, "the same end twice is one command");
    assert_eq!((pushed[0].shard, pushed[0].dedup.clone()), (shard(), format!("{}:failed", signal.send_id)));
    assert_eq!(pushed[0].command.group(), "s:5511988887777");
}

#[tokio::test]
async fn a_file_that_waits_for_a_store_comes_again() {
    let world = World::new().await;
    let signal = accepted_image(&world).await;
    let away = Unavailable::new("s3 PutObject", "no answer in time");
    world.preparer.fail(Some(away.clone().into()));
    assert_eq!(world.dispatch().dispatch(&signal, later(&world)).await, Err(away));
    world.preparer.fail(None);
    world.preparations.switch.fail();
    assert!(world.dispatch().dispatch(&signal, later(&world)).await.is_err());
    world.preparations.switch.recover();
    assert_eq!(world.sends.peek(signal.send_id).unwrap().status, Status::Queued);
    assert!(world.shards.pushed().is_empty());
    assert_eq!(world.dispatch().dispatch(&signal, later(&world)).await, Ok(Dispatched::Handed));
}

#[tokio::test]
async fn no_file_is_begun_that_could_not_be_ready_in_time() {
    let world = World::new().await;
    let signal = accepted_image(&world).await;
    let late = later(&world) - SignedDuration::from_millis(1);
    assert!(world.dispatch().dispatch(&signal, late).await.is_err());
    assert!(world.preparer.asked().is_empty());
    assert_eq!(world.dispatch().dispatch(&signal, later(&world)).await, Ok(Dispatched::Handed));
    // What is ready needs no time.
    let again = world.dispatch().dispatch(&signal, soon(&world)).await;
    assert_eq!(again, Ok(Dispatched::Handed));
}

#[tokio::test]
async fn a_plan_that_forbids_the_type_costs_no_fetch() {
    let world = World::new().await;
    let signal = accepted_image(&world).await;
    world.accounts.remove(&world.tenant).await.unwrap();
    world.accounts.create(&tenant(1, "basico")).await.unwrap();
    let did = world.dispatch().dispatch(&signal, later(&world)).await;
    assert_eq!(did, Ok(Dispatched::Failed(Failure::PlanForbids)));
    assert!(world.preparer.asked().is_empty());
}
