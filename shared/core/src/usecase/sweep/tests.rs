//! Tests of sweeps.

use super::{LAST, PAGE, Swept};
use crate::command::Alarm;
use crate::ports::{Alarms, Clock, Sends};
use crate::send::{Failure, Status, Step, Waiting};
use crate::usecase::fixture::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

const MANY: usize = 10_000;

async fn sweep(world: &World) -> Swept {
    world.sweep().run(MANY, Timestamp::MAX).await.unwrap()
}

fn mins(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn a_send_whose_signal_was_lost_is_queued_again() {
    let world = World::new().await;
    world.queue.switch.fail();
    world.accept("Olá", Some("pedido-1")).await.unwrap_err();
    world.queue.switch.recover();
    let send = world.sends.all().remove(0);
    assert_eq!(sweep(&world).await, Swept::default(), "it is not due yet");
    world.clock.advance(mins(1));
    assert_eq!(sweep(&world).await, Swept { requeued: 1, ..Swept::default() });
    let pushed = world.queue.pushed();
    assert_eq!((pushed.len(), pushed[0].accepted.send_id, pushed[0].attempt), (1, send.id, 1));
    assert_eq!(world.sends.peek(send.id).unwrap().requeues, 1);
    assert_eq!(world.sends.due_at(send.id), Some(world.clock.now() + mins(15)));
    assert_eq!(sweep(&world).await, Swept::default());
}

#[tokio::test]
async fn a_send_that_nobody_sends_is_queued_again_ever_less_often_and_ends_at_its_expiry() {
    let world = World::new().await;
    let send = world.accept("Olá", None).await.unwrap().send;
    let (mut looks, mut ended) = (0, None);
    for minute in 1..=24 * 60 {
        world.clock.advance(mins(1));
        let swept = sweep(&world).await;
        looks += swept.requeued;
        if swept.expired == 1 {
            ended = Some(minute);
        }
    }
    // After 1, 16, 46, 106, 226, 466, 826 and 1186 minutes.
    assert_eq!((looks, ended), (8, Some(24 * 60)));
    let send = world.sends.peek(send.id).unwrap();
    assert_eq!((send.status, send.failure), (Status::Failed, Some(Failure::Expired)));
    let attempts: Vec<u32> = world.queue.pushed().iter().map(|p| p.attempt).collect();
    assert_eq!(attempts, [0, 1, 2, 3, 4, 5, 6, 7, 8, LAST]);
}

#[tokio::test]
async fn that_a_send_has_expired_goes_to_dispatch_before_it_is_stored() {
    let world = World::new().await;
    let send = world.accept("Olá", None).await.unwrap().send;
    world.clock.advance(SignedDuration::from_hours(24));
    world.queue.switch.fail();
    assert_eq!(sweep(&world).await.refused, 1);
    assert_eq!(world.sends.peek(send.id).unwrap().status, Status::Queued, "it is due for the next sweep");
    world.queue.switch.recover();
    world.sends.switch.fail_in("apply");
    assert_eq!(sweep(&world).await.refused, 1);
    world.sends.switch.recover();
    for (expired, pushed) in [(1, 2), (0, 2)] {
        assert_eq!(sweep(&world).await.expired, expired);
        assert_eq!(world.queue.pushed().len(), pushed, "said twice, it is one signal");
    }
}

#[tokio::test]
async fn a_parked_send_waits_in_peace_and_leaves_the_parked_ones_at_its_expiry() {
    let world = World::new().await;
    let send = world.accept("Olá", None).await.unwrap().send;
    world.sends.park(&send, Waiting::NotConnected).await.unwrap();
    // As if another part had brought its sweep forward.
    world.sends.reschedule(send.id, world.clock.now(), false).await.unwrap();
    assert_eq!(sweep(&world).await, Swept { postponed: 1, ..Swept::default() });
    assert_eq!(world.sends.due_at(send.id), Some(send.expires_at));
    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(sweep(&world).await, Swept { expired: 1, ..Swept::default() });
    assert_eq!(world.sends.count_parked(), 0);
    let attempts: Vec<u32> = world.queue.pushed().iter().map(|pushed| pushed.attempt).collect();
    assert_eq!(attempts, [0, LAST], "while it was parked, there was no signal");
}

#[tokio::test]
async fn a_send_in_the_sessions_hands_is_left_alone_for_a_while() {
    let world = World::new().await;
    let send = world.accept("Olá", None).await.unwrap().send;
    world.clock.advance(mins(1));
    world
        .sends
        .apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), world.clock.now())
        .await
        .unwrap();
    assert_eq!(sweep(&world).await, Swept { postponed: 1, ..Swept::default() });
    assert_eq!(world.sends.due_at(send.id), Some(world.clock.now() + mins(15)));
    world.clock.advance(mins(15));
    assert_eq!(sweep(&world).await, Swept { requeued: 1, ..Swept::default() }, "its task has died");
}

#[tokio::test]
async fn stops_at_its_limit_and_goes_on_the_next_time() {
    let world = World::new().await;
    for n in 0..PAGE + 20 {
        world.accept(&format!("texto {n}"), None).await.unwrap();
    }
    world.clock.advance(mins(1));
    let swept = world.sweep().run(30, Timestamp::MAX).await.unwrap();
    assert_eq!((swept.requeued, swept.unfinished), (30, true));
    let swept = sweep(&world).await;
    assert_eq!((swept.requeued, swept.unfinished), (PAGE - 10, false));
    assert_eq!(world.sweep().run(30, Timestamp::MIN).await.unwrap(), Swept::default());
}

#[tokio::test]
async fn begins_nothing_after_its_time() {
    let world = World::new().await;
    world.accept("Olá", None).await.unwrap();
    world.clock.advance(mins(1));
    let swept = world.sweep().run(MANY, world.clock.now()).await.unwrap();
    assert_eq!(swept, Swept { unfinished: true, ..Swept::default() });
}

#[tokio::test]
async fn however_many_alarms_are_near_each_rings_once_and_in_one_sweep() {
    let world = World::new().await;
    let soon = world.clock.now() + mins(2);
    let number = |n: usize| format!("55119{n:08}").parse().unwrap();
    let alarms: Vec<Alarm> = (0..2_345).map(|n| Alarm::of(&number(n), soon)).collect();
    for alarm in &alarms {
        world.alarms.set(alarm).await.unwrap();
    }
    let (late, sweep) = (world.accept("Olá", Some("pedido-1")).await.unwrap().send, world.sweep());
    let rung = async || sweep.run(MANY, Timestamp::MAX).await.unwrap().rung;
    assert_eq!(rung().await, alarms.len());
    let rang: BTreeSet<Alarm> = world.wakes.pushed().into_iter().map(|(alarm, _)| alarm).collect();
    assert_eq!((rang.len(), world.wakes.pushed().len()), (alarms.len(), alarms.len()));
    assert!(world.wakes.switch.asked().len() <= alarms.len().div_ceil(10) + 3, "ten by one request");
    world.clock.advance(mins(1));
    assert_eq!(rung().await, 0, "each was told");
    assert_eq!(world.sends.peek(late.id).unwrap().requeues, 1, "and sends are swept as well");
    world.clock.advance(mins(1));
    assert_eq!(rung().await, alarms.len(), "what was being stored at their time may have been missed");
    world.clock.advance(mins(3));
    assert_eq!((rung().await, world.alarms.all().len()), (0, 0), "they are over");
}

#[tokio::test]
async fn ringing_leaves_time_for_sends() {
    let world = World::new().await;
    world.accept("Olá", None).await.unwrap();
    world.clock.advance(mins(1));
    world.alarms.set(&Alarm::of(&"5511900000000".parse().unwrap(), world.clock.now())).await.unwrap();
    world.wakes.switch.fail();
    let swept = sweep(&world).await;
    assert_eq!((swept.rung, swept.requeued, swept.last_refusal.is_some()), (0, 1, true));
    world.wakes.switch.recover();
    assert_eq!(sweep(&world).await.rung, 1, "what was refused is told again");
}

#[tokio::test]
async fn gives_up_when_the_queue_does_not_answer_and_loses_nothing() {
    let world = World::new().await;
    for n in 0..20 {
        world.accept(&format!("texto {n}"), None).await.unwrap();
    }
    world.clock.advance(mins(1));
    world.queue.switch.fail();
    let swept = sweep(&world).await;
    assert_eq!((swept.refused, swept.requeued, swept.unfinished), (5, 0, true));
    assert!(swept.last_refusal.is_some());
    world.queue.switch.recover();
    assert_eq!(sweep(&world).await.requeued, 20);
    world.sends.switch.fail();
    assert!(world.sweep().run(MANY, Timestamp::MAX).await.is_err());
}
