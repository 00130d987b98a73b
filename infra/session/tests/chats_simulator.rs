//! A number's chats over the real engine and the simulator; only the stores are in memory:
//! `cargo test -p carteiro-session --features simulator --test chats_simulator`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod world;

use carteiro_core::chat::{Ack, Address, Body, Message};
use carteiro_core::ports::ChatReader;
use carteiro_core::send::Status;
use carteiro_core::webhook::EventKind;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{Desk, recipient, sender};

fn ana() -> Address {
    Address::of_phone(&recipient())
}

async fn messages(desk: &Desk) -> Vec<Message> {
    let slice = desk.world.chats.messages(&sender(), &ana(), None, 100).await.unwrap();
    slice.items.into_iter().rev().collect()
}

/// The messages of the chat, once they are so.
async fn once(desk: &Desk, what: &str, holds: impl Fn(&[Message]) -> bool) -> Vec<Message> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let messages = messages(desk).await;
        if holds(&messages) {
            return messages;
        }
        assert!(Instant::now() < deadline, "not in time: {what}: {messages:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn writes(desk: &Desk, message: Value) {
    let mut message = message;
    message["to"] = sender().digits().into();
    desk.post(&format!("/admin/accounts/{}/messages", recipient().digits()), message).await;
}

fn text(message: &Message) -> &str {
    match &message.body {
        Body::Text { text } => text,
        body => body.v1_type(),
    }
}

#[tokio::test]
async fn what_a_contact_and_the_number_write_is_one_chat() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    writes(&desk, json!({"text": "bom dia"})).await;
    once(&desk, "it came", |messages| messages.len() == 1).await;
    let id = desk.world.send("boa tarde").await;
    desk.world.until_status(id, Status::Delivered).await;
    let is_ours = |message: &&Message| message.key.id == id.message_id();
    let was_received =
        |messages: &[Message]| messages.iter().find(is_ours).is_some_and(|ours| ours.ack >= Ack::Received);
    // The chat may be behind the send.
    once(&desk, "ours is there, and was received", was_received).await;
    writes(&desk, json!({"text": "até logo"})).await;
    let chat = once(&desk, "all three are there", |messages| messages.len() == 3).await;
    // In any order: WhatsApp dates what comes by the second, and the world's clock is a moment ahead.
    let mut said: Vec<&str> = chat.iter().map(text).collect();
    said.sort_unstable();
    assert_eq!(said, ["até logo", "boa tarde", "bom dia"]);
    let shown = desk.world.chats.chat(&sender(), &ana()).await.unwrap().unwrap();
    assert_eq!((shown.unread, shown.last.as_ref()), (1, chat.last()));
    desk.world
        .until("all is told", |world| {
            world.events.of_kind(EventKind::MessageReceived).len() == 2
                && world.events.of_kind(EventKind::MessageUpdated).len() >= 2
        })
        .await;
    // A message that is not stored comes again with the next task.
    desk.world.chats.switch.fail();
    desk.world.chats.switch.asked();
    writes(&desk, json!({"text": "ainda aí?"})).await;
    desk.world.until("it is tried to be stored", |world| !world.chats.switch.asked().is_empty()).await;
    task.kill().await;
    desk.world.chats.switch.recover();
    let task = desk.world.start();
    once(&desk, "it came again", |messages| messages.len() == 4).await;
    desk.world.until("it is told", |world| world.events.of_kind(EventKind::MessageReceived).len() == 3).await;
    task.stop().await;
}

#[tokio::test]
async fn what_the_phone_has_from_before_is_there_after_pairing() {
    let desk = Desk::new().await;
    let history = json!({"generate": {"chats": 12, "messages": 9}});
    desk.post(&format!("/admin/accounts/{}/history", sender().digits()), history).await;
    let task = desk.world.start();
    desk.pair().await;
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let chats = desk.world.chats.chats_with_last(&sender(), None, 100).await.unwrap().items;
        let mut count = 0;
        for chat in &chats {
            let slice = desk.world.chats.messages(&sender(), &chat.address, None, 100).await.unwrap();
            count += slice.items.len();
        }
        if chats.len() >= 12 && count >= 12 * 9 {
            assert!(chats.iter().all(|chat| chat.last.is_some()));
            break;
        }
        assert!(Instant::now() < deadline, "{count} messages in {} chats", chats.len());
        sleep(Duration::from_millis(50)).await;
    }
    assert!(desk.world.events.of_kind(EventKind::MessageReceived).is_empty(), "history is told to nobody");
    task.stop().await;
}
