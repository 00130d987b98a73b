//! Tests of scheduled sends, from the request to their number's line.

use super::*;
use crate::error::Code;
use crate::ports::Alarms;
use crate::send::{Failure, Status, Step};
use crate::usecase::fixture::{World, body, worker};
use crate::usecase::{Accepted, Dispatched, Swept};
use jiff::SignedDuration;
use serde_json::json;

fn secs(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// A text for that many seconds from now.
async fn scheduled(world: &World, content: &str, after: i64) -> Send {
    asked(world, content, after).await.send
}

async fn asked(world: &World, content: &str, after: i64) -> Accepted {
    let mut body = body(content);
    body["send_at"] = json!((world.clock.now() + secs(after)).to_string());
    world.accept_body(&body, None).await.unwrap()
}

/// The alarm of a send.
fn alarm_of(send: &Send) -> Alarm {
    Alarm::of(&send.from, send.begins_at())
}

async fn ring(world: &World, send: &Send) -> Released {
    world.release().run(&alarm_of(send), Timestamp::MAX).await.unwrap()
}

/// The sends whose signals are in the queue, in order.
fn queued(world: &World) -> Vec<SendId> {
    world.queue.pushed().into_iter().map(|pushed| pushed.accepted.send_id).collect()
}

#[tokio::test]
async fn a_scheduled_send_waits_in_the_table_alone() {
    let world = World::new().await;
    let send = scheduled(&world, "amanhã", 86_400).await;
    assert_eq!((send.status, send.waiting), (Status::Queued, Some(Waiting::Scheduled)));
    assert_eq!(send.expires_at, send.begins_at() + secs(86_400), "its day begins when it may be sent");
    assert_eq!(world.sends.peek(send.id), Some(send.clone()));
    assert!(world.queue.pushed().is_empty() && world.wakes.pushed().is_empty());
    assert_eq!(world.alarms.all(), [alarm_of(&send)]);
    // Not at its time either without an alarm, and then by the sweep.
    assert_eq!(world.sends.due_at(send.id), Some(send.begins_at() + SignedDuration::from_mins(15)));
}

#[tokio::test]
async fn it_is_released_at_its_time_and_not_before() {
    let world = World::new().await;
    let send = scheduled(&world, "daqui a pouco", 60).await;
    assert_eq!(world.wakes.pushed(), [(alarm_of(&send), Duration::from_secs(60))]);
    world.clock.advance(SignedDuration::from_millis(59_990));
    assert_eq!(ring(&world, &send).await, Released { sends: 0, again: true });
    assert_eq!(world.wakes.pushed()[1], (alarm_of(&send), Duration::from_millis(10)), "for the rest");
    assert!(queued(&world).is_empty());
    world.clock.advance(SignedDuration::from_millis(10));
    assert_eq!(ring(&world, &send).await, Released { sends: 1, again: false });
    assert_eq!(queued(&world), [send.id]);
    let released = world.sends.peek(send.id).unwrap();
    assert_eq!((released.waiting, released.status, released.requeues), (None, Status::Queued, 1));
    assert_eq!(world.sends.due_at(send.id), Some(world.in_a_minute()));
    assert_eq!(ring(&world, &send).await, Released::default(), "once");
    let signal = SendAccepted { send_id: send.id };
    assert_eq!(world.dispatch().dispatch(&signal, Timestamp::MAX).await, Ok(Dispatched::Handed));
}

#[tokio::test]
async fn a_signal_that_comes_before_the_time_hands_nothing_over() {
    let world = World::new().await;
    let send = scheduled(&world, "cedo", 60).await;
    let signal = SendAccepted { send_id: send.id };
    let did = world.dispatch().dispatch(&signal, Timestamp::MAX).await;
    assert_eq!(did, Ok(Dispatched::Scheduled(send.begins_at())));
    assert!(world.shards.pushed().is_empty());
    assert_eq!(world.sends.peek(send.id).unwrap().waiting, Some(Waiting::Scheduled));
}

#[tokio::test]
async fn sends_of_one_time_are_released_in_the_order_of_acceptance_under_one_alarm() {
    let world = World::new().await;
    let at = world.clock.now() + secs(3_600);
    let accept = world.accept_send();
    let mut expected = Vec::new();
    for n in 0..PAGE * 2 + 10 {
        let mut body = body(&format!("{n}"));
        body["send_at"] = json!(at.to_string());
        let request = crate::usecase::fixture::request(&body);
        expected.push(accept.accept(&world.tenant, request, None).await.unwrap().send.id);
        world.clock.advance(SignedDuration::from_micros(1));
    }
    assert_eq!((world.alarms.all().len(), world.alarms.writes()), (1, 1));
    let first = world.sends.peek(expected[0]).unwrap();
    world.clock.advance(secs(3_600));
    assert_eq!(ring(&world, &first).await.sends, expected.len());
    assert_eq!(queued(&world), expected);
}

#[tokio::test]
async fn what_there_is_no_time_for_is_left_to_another_ring() {
    let world = World::new().await;
    let send = scheduled(&world, "um", 10).await;
    world.clock.advance(secs(10));
    let now = world.clock.now();
    let did = world.release().run(&alarm_of(&send), now).await.unwrap();
    assert_eq!(did, Released { sends: 0, again: true });
    assert_eq!(world.wakes.pushed().last(), Some(&(alarm_of(&send), Duration::ZERO)));
    assert_eq!(ring(&world, &send).await.sends, 1);
}

#[tokio::test]
async fn two_at_once_and_a_crash_between_signal_and_note_release_once() {
    let world = World::new().await;
    let send = scheduled(&world, "um", 10).await;
    world.clock.advance(secs(10));
    // The first was cut off after the signal: it knew the send as it was.
    let stale = world.sends.peek(send.id).unwrap();
    let signal = SendAccepted { send_id: send.id };
    crate::ports::SendQueue::push(&*world.queue, &send.from, &signal, 1).await.unwrap();
    assert_eq!(ring(&world, &send).await.sends, 1);
    assert!(world.release().release(&stale).await.unwrap());
    assert_eq!(queued(&world), [send.id], "the queue drops what was said before");
    assert_eq!(world.sends.peek(send.id).unwrap().requeues, 1);
}

#[tokio::test]
async fn an_outage_makes_the_alarm_ring_again_and_loses_nothing() {
    let world = World::new().await;
    let send = scheduled(&world, "um", 10).await;
    world.clock.advance(secs(10));
    for switch in [&world.sends.switch, &world.queue.switch] {
        switch.fail();
        assert!(world.release().run(&alarm_of(&send), Timestamp::MAX).await.is_err());
        switch.recover();
    }
    assert_eq!(ring(&world, &send).await.sends, 1);
    assert_eq!(queued(&world), [send.id]);
}

#[tokio::test]
async fn a_cancelled_one_is_not_released_even_by_who_saw_it_before() {
    let world = World::new().await;
    let send = scheduled(&world, "não", 10).await;
    world.cancel_send().cancel(world.tenant.id, send.id).await.unwrap();
    world.clock.advance(secs(10));
    assert_eq!(ring(&world, &send).await, Released::default());
    world.release().release(&send).await.unwrap();
    let signal = SendAccepted { send_id: send.id };
    let did = world.dispatch().dispatch(&signal, Timestamp::MAX).await;
    assert_eq!(did, Ok(Dispatched::Nothing(Status::Cancelled)));
    assert_eq!(world.sends.peek(send.id).unwrap().status, Status::Cancelled);
}

#[tokio::test]
async fn one_that_no_alarm_released_in_time_expires() {
    let world = World::new().await;
    let mut body = body("tarde demais");
    body["send_at"] = json!((world.clock.now() + secs(60)).to_string());
    body["expires_at"] = json!((world.clock.now() + secs(120)).to_string());
    let send = world.accept_body(&body, None).await.unwrap().send;
    world.clock.advance(secs(120));
    let swept = world.sweep().run(10, Timestamp::MAX).await.unwrap();
    assert_eq!(swept.expired, 1);
    assert_eq!(world.sends.peek(send.id).unwrap().failure, Some(Failure::Expired));
    assert_eq!(ring(&world, &send).await, Released::default());
}

#[tokio::test]
async fn the_sweep_rings_what_is_near_until_it_is_over_and_finds_what_no_alarm_did() {
    let world = World::new().await;
    let send = scheduled(&world, "mais tarde", 600).await;
    let sweep = async || world.sweep().run(10, Timestamp::MAX).await.unwrap();
    assert_eq!(sweep().await, Swept::default(), "far away");
    world.clock.advance(secs(451));
    assert_eq!(sweep().await, Swept { rung: 1, ..Swept::default() });
    assert_eq!(world.wakes.pushed(), [(alarm_of(&send), Duration::from_secs(149))]);
    // The wake is lost; the sweep rings again, for as long as there is something to ring for.
    world.clock.advance(secs(149 + 130));
    assert_eq!(sweep().await.rung, 1);
    assert_eq!(world.wakes.pushed().last(), Some(&(alarm_of(&send), Duration::ZERO)));
    // All are lost.
    world.clock.advance(SignedDuration::from_mins(15));
    let swept = sweep().await;
    assert_eq!((swept.rung, swept.requeued), (1, 1));
    assert_eq!(queued(&world), [send.id]);
    assert_eq!(sweep().await, Swept::default());
    assert!(world.alarms.all().is_empty(), "over");
}

#[tokio::test]
async fn alarms_that_do_not_answer_keep_no_send_from_being_swept() {
    let world = World::new().await;
    let send = world.accept("agora", None).await.unwrap().send;
    world.clock.advance(secs(60));
    world.alarms.switch.fail();
    let swept = world.sweep().run(10, Timestamp::MAX).await.unwrap();
    assert_eq!((swept.requeued, swept.last_refusal.is_some()), (1, true));
    assert_eq!(queued(&world), [send.id, send.id]);
}

#[tokio::test]
async fn without_an_alarm_nothing_is_scheduled_and_without_a_ring_it_is_told() {
    let world = World::new().await;
    world.alarms.switch.fail();
    let mut body = body("x");
    body["send_at"] = json!((world.clock.now() + secs(60)).to_string());
    assert_eq!(world.accept_body(&body, None).await.unwrap_err().code(), Code::Unavailable);
    assert!(world.sends.all().is_empty());
    world.alarms.switch.recover();
    world.wakes.switch.fail();
    assert!(world.accept_body(&body, None).await.unwrap().not_queued.is_some());
    assert_eq!(world.alarms.until(Timestamp::MAX, None, 9).await.unwrap().len(), 1, "the sweep finds it");
}

#[tokio::test]
async fn an_upload_is_made_ready_at_once_and_released_under_another_attempt() {
    use crate::ids::UploadId;
    use crate::object::ObjectKey;
    use crate::ports::{ObjectBody, Objects};
    let world = World::new().await;
    let id = UploadId::of_content(b"x");
    let (key, bytes) = (ObjectKey::upload(world.tenant.id, id), ObjectBody::Bytes("x".into()));
    world.objects.put(&key, bytes, "image/jpeg").await.unwrap();
    let body = json!({ "from_number": worker().digits(), "to_number": "5511966665555", "media_type": "image",
        "upload_id": id.to_string(), "send_at": (world.clock.now() + secs(100)).to_string() });
    let send = world.accept_body(&body, None).await.unwrap().send;
    assert_eq!(world.sends.due_at(send.id), Some(world.in_a_minute()), "its signal may be lost");
    assert_eq!(queued(&world), [send.id]);
    let signal = SendAccepted { send_id: send.id };
    let did = world.dispatch().dispatch(&signal, Timestamp::MAX).await;
    assert_eq!(did, Ok(Dispatched::Scheduled(send.begins_at())));
    assert_eq!(world.preparer.asked(), [send.id]);
    assert!(world.shards.pushed().is_empty());
    world.clock.advance(secs(100));
    assert_eq!(ring(&world, &send).await.sends, 1);
    assert_eq!(queued(&world), [send.id, send.id], "not taken for the first attempt");
    assert_eq!(world.dispatch().dispatch(&signal, Timestamp::MAX).await, Ok(Dispatched::Handed));
    assert_eq!(world.preparer.asked(), [send.id], "once");
}

#[tokio::test]
async fn a_key_names_a_scheduled_send_whatever_the_time_is() {
    let world = World::new().await;
    let mut body = body("x");
    body["send_at"] = json!((world.clock.now() + secs(60)).to_string());
    let first = world.accept_body(&body, Some("k")).await.unwrap();
    world.clock.advance(secs(3_600));
    let again = world.accept_body(&body, Some("k")).await.unwrap();
    assert!(again.replayed && again.send == first.send);
    assert_eq!(world.accept_body(&body, None).await.unwrap_err().code(), Code::InvalidSendAt);
    body["send_at"] = json!((world.clock.now() + secs(60)).to_string());
    assert_eq!(world.accept_body(&body, Some("k")).await.unwrap_err().code(), Code::IdempotencyMismatch);
    world.sends.apply(first.send.id, &Step::Cancel, world.clock.now()).await.unwrap();
}
