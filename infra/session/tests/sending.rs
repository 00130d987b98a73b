//! A connected number sends.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::ids::SendId;
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::ports::{Clock, Sends};
use carteiro_core::send::{Failure, Status, Step};
use carteiro_engine::{ReceiptKind, SendError, SessionEvent};
use jiff::SignedDuration;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, phone, recipient, sender};

async fn several(world: &World, texts: &[String]) -> Vec<SendId> {
    let mut ids = Vec::new();
    for text in texts {
        ids.push(world.send(text).await);
    }
    ids
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("text {i}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_text_goes_out_and_its_statuses_follow() {
    let (world, _task) = World::connected().await;
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    let message = world.whatsapp.server().wire[0].clone();
    assert_eq!((message.to.as_str(), message.text.as_str()), ("14155550100@s.whatsapp.net", "olá"));
    assert_eq!(message.id, id.message_id().as_str());
    world.until("the command is deleted", |world| world.queues.is_empty()).await;
    world.whatsapp.receipt(&sender(), &[message.id.clone(), "3EB0ABCDEF".into()], ReceiptKind::Delivered);
    world.until_status(id, Status::Delivered).await;
    world.whatsapp.receipt(&sender(), &[message.id], ReceiptKind::Read);
    world.until_status(id, Status::Read).await;
    let send = world.sends.peek(id).unwrap();
    let times = [Some(send.queued_at), send.processing_at, send.sent_at, send.delivered_at, send.read_at];
    assert!(times.iter().all(Option::is_some) && times.is_sorted(), "{times:?}");
    assert!(send.resolved_to.is_some_and(|to| to.ends_with("@s.whatsapp.net")), "the address is kept");
}

#[tokio::test(start_paused = true)]
async fn many_texts_keep_their_order_and_wait_for_no_acknowledgement() {
    let (world, _task) = World::connected().await;
    let texts = texts(40);
    let ids = several(&world, &texts).await;
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts);
    assert_eq!(world.whatsapp.server().wire.len(), 40, "nothing was written twice");
    assert_eq!(world.whatsapp.server().questions, 1, "the recipient was asked for once");
}

#[tokio::test(start_paused = true)]
async fn the_form_that_whatsapp_knows_is_used_and_kept() {
    let (world, _task) = World::connected().await;
    let (long, short) = (phone("5531988887777"), phone("553188887777"));
    world.whatsapp.server().absent.insert(long.clone());
    let id = world.accept("oi", &long).await;
    world.command(id);
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.server().wire[0].to, "553188887777@s.whatsapp.net");
    assert_eq!(world.sends.peek(id).unwrap().resolved_to.as_deref(), Some("553188887777@s.whatsapp.net"));
    world.whatsapp.server().absent.insert(short.clone());
    let other = phone("5531977776666");
    world.whatsapp.server().absent.extend([other.clone(), other.other_ninth_digit_form().unwrap()]);
    let id = world.accept("oi", &other).await;
    world.command(id);
    world.until_status(id, Status::Failed).await;
    assert_eq!(world.sends.peek(id).unwrap().failure, Some(Failure::NotOnWhatsApp));
}

#[tokio::test(start_paused = true)]
async fn when_whatsapp_cannot_be_asked_the_form_is_guessed() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().mute = true;
    let id = world.accept("oi", &phone("5531988887777")).await;
    world.command(id);
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.server().wire[0].to, "553188887777@s.whatsapp.net");
    let more = several(&world, &texts(3)).await;
    world.until("all sent", |world| more.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.server().questions, 1, "it is not asked again at once");
    sleep(Duration::from_secs(60)).await;
    world.whatsapp.server().mute = false;
    let id = world.send("de novo").await;
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.server().questions, 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_fails_its_send_alone() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().refusals.insert("text 1".into(), 463);
    let ids = several(&world, &texts(3)).await;
    world.until("all are at their end", |world| ids.iter().all(|id| !world.status(*id).is_pending())).await;
    assert_eq!(world.sends.peek(ids[1]).unwrap().failure, Some(Failure::Refused(463)));
    assert_eq!((world.status(ids[0]), world.status(ids[2])), (Status::Sent, Status::Sent));
    world.until("the commands are deleted", |world| world.queues.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_drops_amid_loses_nothing() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().cut_after = Some(7);
    let texts = texts(25);
    let ids = several(&world, &texts).await;
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts);
    assert_eq!(world.whatsapp.server().starts, 1, "the library connected again by itself");
}

/// The library connects again by itself, also while a message is being written, and the actor hears of it only then.
#[tokio::test(start_paused = true)]
async fn nothing_goes_out_over_a_new_connection_before_what_the_last_one_lost() {
    let (world, _task) = World::connected().await;
    let known = world.send("zero").await;
    world.until_status(known, Status::Sent).await;
    world.whatsapp.server().lost = 1;
    let ids = several(&world, &["um".into(), "dois".into()]).await;
    world.until("both sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), ["zero", "um", "dois"]);
}

#[tokio::test(start_paused = true)]
async fn without_acknowledgement_it_connects_anew_and_writes_again() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().silent = true;
    let texts = texts(5);
    let ids = several(&world, &texts).await;
    world.until("all are written", |world| world.whatsapp.server().wire.len() == 5).await;
    world.until("a new connection", |world| world.whatsapp.server().starts == 2).await;
    world.whatsapp.server().silent = false;
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts);
}

#[tokio::test(start_paused = true)]
async fn what_is_never_acknowledged_is_left_to_the_sweeper() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().silent = true;
    let id = world.send("olá").await;
    world.within(400, "the command is given up", |world| world.queues.is_empty()).await;
    assert_eq!(world.status(id), Status::Processing);
    let due = world.sends.due_at(id).unwrap();
    assert!(due > world.clock.now(), "a sweep comes for it later");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_for_minutes_is_not_overtaken() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().write_errors.extend(vec![SendError::Failed; 9]);
    let texts = texts(3);
    let ids = several(&world, &texts).await;
    world.within(240, "all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts);
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_written_stops_its_number_for_minutes_only() {
    let (world, _task) = World::connected().await;
    let id = world.send("azarado").await;
    world.whatsapp.server().write_errors.extend(vec![SendError::Failed; 1_000]);
    let next = world.send("depois").await;
    world
        .within(900, "it is set aside", |world| {
            world.sends.due_at(id).is_some_and(|due| due > world.clock.now() + SignedDuration::from_mins(10))
        })
        .await;
    world.whatsapp.server().write_errors.clear();
    world.until_status(next, Status::Sent).await;
    assert_eq!(world.status(id), Status::Processing);
    assert_eq!(world.whatsapp.shown(), ["depois"]);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_comes_twice_is_one_message() {
    let (world, _task) = World::connected().await;
    world.queues.doubling.store(true, Ordering::Relaxed);
    let texts = texts(12);
    let ids = several(&world, &texts).await;
    world.command(ids[3]);
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    world.until("the commands are deleted", |world| world.queues.is_empty()).await;
    world.command(ids[5]);
    world.until("a late double is deleted", |world| world.queues.is_empty()).await;
    assert_eq!(world.whatsapp.shown(), texts);
    assert_eq!(world.whatsapp.server().wire.len(), 12);
}

#[tokio::test(start_paused = true)]
async fn what_was_cancelled_or_has_expired_is_not_sent() {
    let (world, _task) = World::connected().await;
    let cancelled = world.accept("a", &recipient()).await;
    world.sends.apply(cancelled, &Step::Cancel, world.clock.now()).await.unwrap();
    let late = world.accept_until("b", &recipient(), SignedDuration::from_secs(2)).await;
    sleep(Duration::from_secs(3)).await;
    let good = world.accept("c", &recipient()).await;
    for id in [cancelled, late, good] {
        world.command(id);
    }
    world.until_status(good, Status::Sent).await;
    assert_eq!(world.status(cancelled), Status::Cancelled);
    assert_eq!(world.sends.peek(late).unwrap().failure, Some(Failure::Expired));
    assert_eq!(world.whatsapp.shown(), ["c"]);
    world.until("the commands are deleted", |world| world.queues.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_a_while_delays_and_loses_nothing() {
    let (world, _task) = World::connected().await;
    let texts = texts(10);
    let mut ids = several(&world, &texts[..5]).await;
    world.until("some are written", |world| !world.whatsapp.server().wire.is_empty()).await;
    world.sends.switch.fail();
    sleep(Duration::from_secs(40)).await;
    assert_eq!(world.queues.most_receives(), 1, "they were held all the time");
    world.sends.switch.recover();
    ids.extend(several(&world, &texts[5..]).await);
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts);
}

#[tokio::test(start_paused = true)]
async fn an_early_receipt_does_not_skip_the_time_of_sending() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().silent = true;
    let id = world.send("olá").await;
    world.until("it is written", |world| !world.whatsapp.server().wire.is_empty()).await;
    world.whatsapp.receipt(&sender(), &[id.message_id().as_str().to_owned()], ReceiptKind::Read);
    world.until_status(id, Status::Read).await;
    assert!(world.sends.peek(id).unwrap().sent_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_replaced_stays_so_until_a_client_asks() {
    let (world, _task) = World::connected().await;
    world.whatsapp.tell(&sender(), SessionEvent::Replaced);
    world.whatsapp.tell(&sender(), SessionEvent::Ended);
    world.until_state(LinkState::Replaced).await;
    let id = world.send("olá").await;
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    sleep(Duration::from_secs(600)).await;
    assert_eq!(world.whatsapp.server().starts, 1);
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_status(id, Status::Sent).await;
}

#[tokio::test(start_paused = true)]
async fn a_voice_note_that_was_played_was_read() {
    let (world, _task) = World::connected().await;
    let id = world.send_file("áudio").await;
    world.until_status(id, Status::Sent).await;
    world.whatsapp.receipt(&sender(), &[id.message_id().as_str().to_owned()], ReceiptKind::Played);
    world.until_status(id, Status::Read).await;
    let send = world.sends.peek(id).unwrap();
    assert_eq!(send.delivered_at, send.read_at, "what was played had been delivered");
}

#[tokio::test(start_paused = true)]
async fn late_and_doubled_receipts_never_move_a_send_back() {
    use ReceiptKind::{Delivered, Played, Read};
    let (world, _task) = World::connected().await;
    let orders = [
        [Read, Delivered, Delivered, Read],
        [Delivered, Read, Delivered, Played],
        [Played, Read, Delivered, Delivered],
        [Delivered, Delivered, Read, Read],
    ];
    for order in orders {
        let id = world.send("olá").await;
        world.until_status(id, Status::Sent).await;
        let mut furthest = 0;
        for kind in order {
            world.whatsapp.receipt(&sender(), &[id.message_id().as_str().to_owned()], kind);
            sleep(Duration::from_secs(1)).await;
            let progress = match world.status(id) {
                Status::Sent => 0,
                Status::Delivered => 1,
                Status::Read => 2,
                other => unreachable!("{other}"),
            };
            assert!(progress >= furthest, "{order:?}");
            furthest = progress;
        }
        assert_eq!(furthest, 2, "{order:?}");
        let send = world.sends.peek(id).unwrap();
        assert!([send.sent_at, send.delivered_at, send.read_at].iter().all(Option::is_some), "{order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_receipt_for_many_sends_and_for_others_messages() {
    let (world, _task) = World::connected().await;
    let ids = several(&world, &texts(5)).await;
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    let mut messages: Vec<String> = ids.iter().map(|id| id.message_id().as_str().to_owned()).collect();
    messages.insert(2, "3EB0FFFFFFFFFFFFFFFFFF".into());
    world.whatsapp.receipt(&sender(), &messages, ReceiptKind::Read);
    world.until("all read", |world| ids.iter().all(|id| world.status(*id) == Status::Read)).await;
}
