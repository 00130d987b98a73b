//! Tests of accepting sends.

mod files;
mod limits;
mod order;
mod retention;

use crate::error::{Code, Problem};
use crate::ids::SendId;
use crate::number::{NumberChange, OwnedNumber, Role};
use crate::ports::{Clock, Sends};
use crate::send::{Failure, Status, Step};
use crate::usecase::SendRequest;
use crate::usecase::fixture::{World, body, key, request, shard, tenant, worker};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

#[tokio::test]
async fn a_send_is_stored_signalled_and_due_in_a_minute() {
    let world = World::new().await;
    let accepted = world.accept("Olá", None).await.unwrap();
    assert_eq!((accepted.replayed, accepted.not_queued), (false, None));
    assert_eq!(accepted.send.status, Status::Queued);
    assert_eq!(world.sends.peek(accepted.send.id).unwrap(), accepted.send);
    assert_eq!(world.sends.due_at(accepted.send.id), Some(world.in_a_minute()));
    assert_eq!(accepted.send.expires_at, world.clock.now() + SignedDuration::from_hours(24));
    let pushed = world.queue.pushed();
    assert_eq!((pushed.len(), pushed[0].accepted.send_id, pushed[0].attempt), (1, accepted.send.id, 0));
    assert_eq!(pushed[0].from, accepted.send.from);
    assert_eq!(world.sends.writes(), 1, "one write a send");
}

#[tokio::test]
async fn refuses_in_the_order_worker_plan() {
    let world = World::new().await;
    let accept = world.accept_send();
    let media = |from: &str| {
        let body = json!({ "from_number": from, "to_number": "5511966665555", "media_type": "video",
                           "media_url": "https://exemplo.com/a.mp4" });
        SendRequest::parse(body.as_object().unwrap()).unwrap()
    };
    let mute = tenant(1, "mudo");
    let code = |result: Result<_, Problem>| result.err().map(|problem| problem.code());
    assert_eq!(code(accept.accept(&mute, media("5511900000000"), None).await), Some(Code::NotYourWorker));
    let forbidden = accept.accept(&mute, media("5511988887777"), None).await.unwrap_err();
    assert_eq!(forbidden.code(), Code::PlanForbidsMedia);
    assert!(forbidden.description().contains("mudo") && forbidden.description().contains("video"));
    assert_eq!(
        code(accept.accept(&tenant(1, "sumiu"), request(&body("x")), None).await),
        Some(Code::PlanForbidsMedia),
        "a plan that the deployment no longer has"
    );
    assert_eq!(world.usage.total(world.tenant.id), 0);
    assert!(world.sends.all().is_empty() && world.queue.pushed().is_empty());
}

#[tokio::test]
async fn another_tenants_worker_is_refused() {
    let world = World::new().await;
    let accept = world.accept_send();
    // The owner's "yes" is remembered, and is the owner's alone.
    accept.accept(&world.tenant, request(&body("x")), None).await.unwrap();
    let refused = accept.accept(&tenant(2, "premium"), request(&body("x")), None).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotYourWorker);
}

#[tokio::test]
async fn a_removed_worker_is_noticed_within_seconds_and_an_added_one_at_once() {
    let world = World::new().await;
    let accept = world.accept_send();
    let send = || accept.accept(&world.tenant, request(&body("x")), None);
    send().await.unwrap();
    world.remove_worker().await;
    world.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(send().await.unwrap_err().code(), Code::NotYourWorker);
    world.change(NumberChange::Add(OwnedNumber { phone: worker(), role: Role::Worker }, shard())).await;
    send().await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_refuses_the_send() {
    let world = World::new().await;
    world.sends.switch.fail();
    assert_eq!(world.accept("Olá", None).await.unwrap_err().code(), Code::Unavailable);
    assert!(world.queue.pushed().is_empty());
}

#[tokio::test]
async fn the_same_key_replays_the_first_answer() {
    let world = World::new().await;
    let first = world.accept("Olá", Some("pedido-1")).await.unwrap();
    world.clock.advance(SignedDuration::from_secs(86_399));
    // What became of it meanwhile is not part of the first answer.
    world.sends.apply(first.send.id, &Step::Fail(Failure::Expired), world.clock.now()).await.unwrap();
    let again = world.accept("Olá", Some("pedido-1")).await.unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(again.send, first.send);
    assert_eq!((world.sends.all().len(), world.queue.pushed().len()), (1, 1));
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let world = World::new().await;
    world.accept("Olá", Some("pedido-1")).await.unwrap();
    let refused = world.accept("Tchau", Some("pedido-1")).await.unwrap_err();
    assert_eq!(refused.code(), Code::IdempotencyMismatch);
    world.accept("Tchau", Some("pedido-2")).await.unwrap();
    world.accept("Tchau", None).await.unwrap();
    assert_eq!(world.sends.all().len(), 3);
}

#[tokio::test]
async fn a_key_belongs_to_its_tenant() {
    let world = World::new().await;
    let own = world.accept("Olá", Some("pedido-1")).await.unwrap();
    let other = SendId::from_idempotency_key(tenant(2, "premium").id, &key("pedido-1"), 0);
    assert_ne!(own.send.id, other);
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let world = World::new().await;
    let mut ids = std::collections::BTreeSet::new();
    for day in 0..40 {
        let text = format!("dia {day}");
        let first = world.accept(&text, Some("diario")).await.unwrap();
        assert!(!first.replayed && ids.insert(first.send.id));
        world.clock.advance(SignedDuration::from_hours(23));
        let again = world.accept(&text, Some("diario")).await.unwrap();
        assert!(again.replayed && again.send.id == first.send.id);
        assert_eq!(
            world.accept("outro", Some("diario")).await.unwrap_err().code(),
            Code::IdempotencyMismatch,
            "day {day}"
        );
        world.clock.advance(SignedDuration::from_hours(1));
    }
    assert_eq!(world.sends.all().len(), 40);
}

proptest! {
    /// Whatever is asked under a few keys, whenever: under one key no two sends begin within a day of each other, and an
    /// answer is always the send of what was asked.
    #[test]
    fn under_a_key_one_send_a_day(steps in prop::collection::vec((0u8..3, 0u8..2, 0i64..40), 1..40)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let world = World::new().await;
            for (key, text, hours) in steps {
                world.clock.advance(SignedDuration::from_hours(hours));
                match world.accept(&format!("texto {text}"), Some(&format!("chave-{key}"))).await {
                    Ok(accepted) => assert_eq!(accepted.send.content.summary(), format!("texto {text}")),
                    Err(problem) => assert_eq!(problem.code(), Code::IdempotencyMismatch),
                }
            }
            let sends = world.sends.all();
            for key in (0..3).map(|k| key(&format!("chave-{k}"))) {
                let generations = (0u32..)
                    .map(|g| SendId::from_idempotency_key(world.tenant.id, &key, g))
                    .map_while(|id| sends.iter().find(|send| send.id == id));
                let times: Vec<_> = generations.map(|send| send.queued_at).collect();
                assert!(times.windows(2).all(|w| w[1].duration_since(w[0]) >= SignedDuration::from_hours(24)));
            }
        });
    }
}

#[tokio::test]
async fn under_an_id_of_the_callers_a_send_is_made_once() {
    let world = World::new().await;
    let accept = world.accept_send();
    let (id, lasts) = (SendId::from_random([7; 16]), world.clock.now() + SignedDuration::from_hours(30 * 24));
    let first = accept.accept_as(&world.tenant, request(&body("Olá")), id, lasts).await.unwrap();
    assert_eq!((first.send.id, first.replayed), (id, false));
    world.sends.apply(id, &Step::Cancel, world.clock.now()).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(48));
    let again = accept.accept_as(&world.tenant, request(&body("Olá")), id, lasts).await.unwrap();
    assert!(again.replayed && again.send == first.send, "for ever, whatever became of it");
    let other = accept.accept_as(&world.tenant, request(&body("Tchau")), id, lasts).await.unwrap_err();
    assert_eq!(other.code(), Code::IdempotencyMismatch);
    assert_eq!((world.sends.all().len(), world.queue.pushed().len()), (1, 1));
    assert_eq!(world.usage.total(world.tenant.id), 1, "what is made again is not counted again");
}
