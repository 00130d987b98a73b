//! What V1's sends carry, and where they go: contacts, messages sent on, people by LID and groups.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::chat::{Ack, Address, Body, ContactChange, Message, MessageKey, Person};
use carteiro_core::media::MediaType;
use carteiro_core::number::LinkState;
use carteiro_core::ports::{ChatReader, ChatWriter};
use carteiro_core::retention::RetentionDays;
use carteiro_core::send::{ContactCard, Content, Failure, Forward, Status, Text};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use world::{World, phone, sender};

const GROUP: &str = "120363000000000001@g.us";

async fn connected() -> (World, world::Task) {
    let world = World::new();
    let task = world.start();
    world.paired(&sender()).await;
    world.until_state(LinkState::Connected).await;
    (world, task)
}

fn text(text: &str) -> Content {
    Content::Text(Text::parse(text.to_owned()).unwrap())
}

fn stored(body: Body) -> Message {
    let chat: Address = "5521977776666@s.whatsapp.net".parse().unwrap();
    let key =
        MessageKey { chat: chat.clone(), from_me: false, id: "3EB0".parse().unwrap(), participant: None };
    Message {
        key,
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        author: Person::from(chat.clone()),
        push_name: None,
        with: Some(Person::from(chat)),
        ack: Ack::Received,
        body,
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

fn forward(message: &Message) -> Content {
    Content::Forward(Forward { key: message.key.clone(), media: MediaType::Text })
}

#[tokio::test(start_paused = true)]
async fn groups_and_lids_are_sent_to_without_a_question() {
    let (world, task) = connected().await;
    let to_group = world.send_of(text("a todos"), GROUP).await;
    let to_lid = world.send_of(text("a uma"), "77000000000001@lid").await;
    world.until_status(to_group, Status::Sent).await;
    world.until_status(to_lid, Status::Sent).await;
    {
        let server = world.whatsapp.server();
        let wire: Vec<_> =
            server.wire.iter().map(|written| (written.to.as_str(), written.text.as_str())).collect();
        assert_eq!(wire, [(GROUP, "a todos"), ("77000000000001@lid", "a uma")]);
        assert_eq!(server.questions, 0);
    }
    assert_eq!(world.sends.peek(to_group).unwrap().resolved_to.as_deref(), Some(GROUP));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_contact_is_a_vcard() {
    let (world, task) = connected().await;
    let card = ContactCard::new("Ana", phone("5511911112222"));
    let id = world.send_of(Content::Contact(card.clone()), "14155550100").await;
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), [card.vcard()]);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stored_message_is_sent_on_as_it_is_then() {
    let (world, task) = connected().await;
    let message = stored(Body::Text { text: "antes".into() });
    world.chats.add(&sender(), &message, true, RetentionDays::default()).await.unwrap();
    world
        .chats
        .edit(&sender(), &message.key, "depois", Timestamp::from_second(1_700_000_009).unwrap())
        .await
        .unwrap();
    let id = world.send_of(forward(&message), GROUP).await;
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["» depois"]);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_or_was_deleted_is_not_sent_on() {
    let (world, task) = connected().await;
    let message = stored(Body::Text { text: "oi".into() });
    let gone = world.send_of(forward(&message), GROUP).await;
    world.until_status(gone, Status::Failed).await;
    assert_eq!(world.sends.peek(gone).unwrap().failure, Some(Failure::ForwardGone));
    world.chats.add(&sender(), &message, true, RetentionDays::default()).await.unwrap();
    world.chats.revoke(&sender(), &message.key).await.unwrap();
    assert!(world.chats.message(&sender(), &message.key).await.unwrap().is_some());
    let revoked = world.send_of(forward(&message), GROUP).await;
    world.until_status(revoked, Status::Failed).await;
    assert_eq!(world.sends.peek(revoked).unwrap().failure, Some(Failure::ForwardUnsupported));
    assert!(world.whatsapp.shown().is_empty());
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_is_sent_on_when_its_store_is_there_again() {
    let (world, task) = connected().await;
    let message = stored(Body::Text { text: "oi".into() });
    world.chats.add(&sender(), &message, true, RetentionDays::default()).await.unwrap();
    world.chats.switch.fail();
    let id = world.send_of(forward(&message), GROUP).await;
    world
        .until("it was looked for", |world| world.chats.switch.asked().iter().any(|asked| asked == "message"))
        .await;
    world.chats.switch.recover();
    world.until_status(id, Status::Sent).await;
    task.stop().await;
}

/// A group is no new chat: its acknowledgement says nothing of whether chats may be begun.
#[tokio::test(start_paused = true)]
async fn a_message_to_a_group_lifts_no_restriction() {
    let (world, task) = connected().await;
    world.whatsapp.server().refusals.insert("oi".into(), 463);
    let refused = world.send("oi").await;
    world.until_status(refused, Status::Failed).await;
    world.until_state(LinkState::Restricted).await;
    let to_group = world.send_of(text("a todos"), GROUP).await;
    world.until_status(to_group, Status::Sent).await;
    assert_eq!(world.link_state(&sender()), Some(LinkState::Restricted));
    let begun = world.send_of(text("olá"), "14155550199").await;
    world.within(1_900, "the probe is sent", |world| world.status(begun) == Status::Sent).await;
    world.until_state(LinkState::Connected).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_is_in_its_chat_by_the_number_where_that_is_known() {
    let (world, task) = connected().await;
    let (ana, lid): (Address, Address) =
        ("5521977776666@s.whatsapp.net".parse().unwrap(), "77000000000001@lid".parse().unwrap());
    let change = ContactChange {
        person: Person::new(ana.clone(), Some(lid.clone())),
        name: None,
        push_name: Some("Ana".into()),
        verified_name: None,
    };
    world.chats.change_contacts(&sender(), &[change]).await.unwrap();
    let known = world.send_of(text("oi"), &lid.to_string()).await;
    let card = ContactCard::new("Bia", phone("5511911112222"));
    let unknown = world.send_of(Content::Contact(card), "77000000000002@lid").await;
    world.until_status(known, Status::Sent).await;
    world.until_status(unknown, Status::Sent).await;
    for (chat, id, said) in [(ana, known, "chat"), ("77000000000002@lid".parse().unwrap(), unknown, "vcard")]
    {
        let key = MessageKey::ours(chat, id.message_id());
        let stored = async {
            loop {
                match world.chats.message(&sender(), &key).await.unwrap() {
                    Some(message) if message.ack == Ack::Sent => break message,
                    _ => sleep(Duration::from_millis(10)).await,
                }
            }
        };
        let stored = timeout(Duration::from_secs(60), stored).await.unwrap();
        assert_eq!(stored.body.v1_type(), said);
    }
    task.stop().await;
}
