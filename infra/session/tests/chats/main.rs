//! What WhatsApp tells of a number's chats, and what becomes of its sends in them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod sends;
#[path = "../world/mod.rs"]
mod world;

use carteiro_core::chat::{Ack, Address, Body, Message, MessageKey, Update};
use carteiro_core::ids::{PairingId, SendId};
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::ports::{ChatReader, Clock, NamedSessions, Sends};
use carteiro_core::send::{Failure, Status, Step};
use carteiro_core::webhook::EventKind;
use carteiro_engine::{Handover, SessionEvent};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::sync::oneshot::Receiver;
use tokio::time::{Instant, advance, sleep, timeout};
use world::{World, phone, recipient, sender};

fn ana() -> Address {
    Address::of_phone(&phone("5511911112222"))
}

fn message(id: &str) -> Message {
    Message {
        key: MessageKey { chat: ana(), from_me: false, id: id.parse().unwrap(), participant: None },
        at: Timestamp::from_second(1_790_000_000).unwrap(),
        author: ana().into(),
        push_name: Some("Ana".into()),
        with: Some(ana().into()),
        ack: Ack::Received,
        body: Body::Text { text: id.into() },
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

/// WhatsApp tells of messages; what hears that they were taken.
fn tell(world: &World, ids: &[&str]) -> Receiver<()> {
    let (handover, accepted) = Handover::awaited();
    let updates = ids.iter().map(|id| Update::Message(message(id))).collect();
    world.whatsapp.tell(&sender(), SessionEvent::Updates { updates, handover });
    accepted
}

/// Waits until updates are accepted (`true`) or dropped.
async fn outcome(accepted: Receiver<()>) -> bool {
    timeout(Duration::from_secs(60), accepted).await.unwrap().is_ok()
}

async fn texts(world: &World, chat: &Address) -> Vec<String> {
    let slice = world.chats.messages(&sender(), chat, None, 2_000).await.unwrap();
    let text = |message: &Message| match &message.body {
        Body::Text { text } => text.clone(),
        body => body.v1_type().to_owned(),
    };
    slice.items.iter().rev().map(text).collect()
}

/// A number that is connected, and its task.
#[tokio::test(start_paused = true)]
async fn what_comes_is_stored_told_and_then_accepted() {
    let (world, _task) = World::connected().await;
    assert!(outcome(tell(&world, &["um", "dois"])).await);
    assert_eq!(texts(&world, &ana()).await, ["um", "dois"]);
    let events = world.events.of_kind(EventKind::MessageReceived);
    assert!(events.iter().all(|event| event.origin.shown() == sender().digits()));
    assert_eq!(events.len(), 2);
    assert!(world.events.published().iter().all(|(user, _)| *user == world.user));
    // The same again is accepted, and nothing else.
    assert!(outcome(tell(&world, &["um", "dois"])).await);
    assert_eq!(texts(&world, &ana()).await.len(), 2);
    assert_eq!(world.events.of_kind(EventKind::MessageReceived).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn events_bear_the_name_of_the_session() {
    let world = World::new();
    let name = "Minha Loja".parse().unwrap();
    let pairing = PairingId::from_random([1; 16]);
    world.named.open(world.user, &name, Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(world.named.set_pairing(world.user, &name, None, pairing).await.unwrap());
    assert!(world.named.set_number(world.user, &name, pairing, &sender()).await.unwrap());
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    assert!(outcome(tell(&world, &["um"])).await);
    let events = world.events.of_kind(EventKind::MessageReceived);
    assert_eq!(events[0].origin.shown(), "Minha Loja");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_delays_what_comes_and_no_send() {
    let (world, _task) = World::connected().await;
    world.chats.switch.fail();
    let mut accepted = tell(&world, &["um"]);
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    sleep(Duration::from_secs(30)).await;
    assert!(accepted.try_recv().is_err());
    world.events.switch.fail();
    world.chats.switch.recover();
    world.until("it is stored", |world| !world.chats.is_empty(&sender())).await;
    sleep(Duration::from_secs(30)).await;
    assert!(accepted.try_recv().is_err(), "it is stored, and webhooks do not know of it");
    world.events.switch.recover();
    assert!(outcome(accepted).await);
    assert_eq!(texts(&world, &ana()).await, ["um"]);
    assert_eq!(world.events.of_kind(EventKind::MessageReceived).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_stored_is_left_out_and_keeps_nothing_away() {
    let (world, _task) = World::connected().await;
    assert!(outcome(tell(&world, &["um"])).await);
    world.chats.switch.refuse("edit");
    let (key, at) = (message("um").key, Timestamp::from_second(1_790_000_001).unwrap());
    let (handover, accepted) = Handover::awaited();
    let edited = Update::Edited { key, text: "nunca".into(), at };
    let updates = vec![edited, Update::Message(message("dois"))];
    world.whatsapp.tell(&sender(), SessionEvent::Updates { updates, handover });
    assert!(outcome(accepted).await, "WhatsApp need not tell it again");
    assert_eq!(texts(&world, &ana()).await, ["um", "dois"]);
    assert_eq!(world.events.of_kind(EventKind::MessageReceived).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sent_message_that_can_never_be_stored_keeps_no_send_waiting() {
    let (world, _task) = World::connected().await;
    world.chats.switch.refuse("add");
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    world.until("its command is deleted", |world| world.queues.is_empty()).await;
    world.chats.switch.recover();
    assert!(outcome(tell(&world, &["um"])).await);
    assert_eq!(texts(&world, &ana()).await, ["um"]);
}

/// As SIGSTOP does, and a machine that sleeps: what was on its way goes on before anything looks at the time.
#[tokio::test(start_paused = true)]
async fn a_task_that_stood_still_tells_nothing_more() {
    let (world, _task) = World::connected().await;
    world.until("it is told", |world| !world.events.of_kind(EventKind::Syncing).is_empty()).await;
    sleep(Duration::from_secs(1)).await;
    let told = world.events.published().len();
    world.slow_events.take(Duration::from_secs(2));
    let accepted = tell(&world, &["um"]);
    world.whatsapp.tell(&sender(), SessionEvent::Disconnected { by_server: false, silent: false });
    world.until("both are on their way", |world| world.slow_events.on_their_way() == 2).await;
    advance(Duration::from_secs(30)).await;
    sleep(Duration::from_millis(1)).await;
    assert_eq!(world.events.published().len(), told, "another task may have told what came later");
    assert!(!outcome(accepted).await, "it comes again");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_stored_when_the_task_ends_is_not_accepted() {
    let (world, task) = World::connected().await;
    world.chats.switch.fail();
    let accepted = tell(&world, &["um"]);
    sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    task.stop().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(!outcome(accepted).await);
    // WhatsApp tells it again.
    world.chats.switch.recover();
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    assert!(outcome(tell(&world, &["um"])).await);
    assert_eq!(texts(&world, &ana()).await, ["um"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_being_stored_when_the_task_ends_is_waited_for() {
    let (world, task) = World::connected().await;
    world.chats.switch.fail();
    let accepted = tell(&world, &["um"]);
    sleep(Duration::from_millis(50)).await;
    world.chats.switch.recover();
    task.stop().await;
    assert!(outcome(accepted).await);
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_is_left_to_come_again() {
    let (world, _task) = World::connected().await;
    world.chats.switch.fail();
    let waiting: Vec<_> = (0..1_000).map(|n| tell(&world, &[&n.to_string()])).collect();
    let more: Vec<_> = (0..50).map(|_| tell(&world, &["sobra"])).collect();
    for accepted in more {
        assert!(!outcome(accepted).await, "it comes again with a later connection");
    }
    world.chats.switch.recover();
    for accepted in waiting {
        assert!(outcome(accepted).await);
    }
    assert!(outcome(tell(&world, &["sobra"])).await);
    assert_eq!(texts(&world, &ana()).await.len(), 1_001);
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_removed_or_unlinked_has_no_chats_any_more() {
    for unlinked in [false, true] {
        let (world, _task) = World::connected().await;
        assert!(outcome(tell(&world, &["um"])).await);
        assert!(!world.chats.is_empty(&sender()));
        if unlinked {
            world.whatsapp.unlink(&sender());
            world.until_state(LinkState::LoggedOut).await;
        } else {
            world.want(&sender(), Desired::Removed).await;
            world.until("it is removed", |world| world.link_state(&sender()).is_none()).await;
        }
        assert!(world.chats.is_empty(&sender()));
    }
}

#[tokio::test(start_paused = true)]
async fn chats_that_cannot_be_erased_yet_hold_the_log_out_back() {
    let (world, _task) = World::connected().await;
    assert!(outcome(tell(&world, &["um"])).await);
    world.chats.switch.fail();
    world.want(&sender(), Desired::Removed).await;
    sleep(Duration::from_secs(60)).await;
    assert!(world.link_state(&sender()).is_some());
    assert_eq!(world.whatsapp.server().logouts, 1);
    world.chats.switch.recover();
    world.until("it is removed", |world| world.link_state(&sender()).is_none()).await;
    assert!(world.chats.is_empty(&sender()));
    assert_eq!(world.whatsapp.server().logouts, 1, "the device is logged out once");
}

#[tokio::test(start_paused = true)]
async fn what_another_numbers_phone_tells_is_not_kept() {
    let world = World::new();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    let _task = world.start();
    world.until("it asks for a phone", |world| world.link_state(&sender()) == Some(LinkState::Pairing)).await;
    let other = phone("5511900001111");
    world.whatsapp.tell(
        &sender(),
        SessionEvent::Paired { number: other, lid: "1@lid".parse().unwrap(), push_name: None },
    );
    assert!(!outcome(tell(&world, &["segredo"])).await);
    assert!(world.chats.is_empty(&sender()));
    assert!(world.events.of_kind(EventKind::MessageReceived).is_empty());
}
