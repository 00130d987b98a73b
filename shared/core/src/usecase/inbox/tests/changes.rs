//! Acks, edits, reactions and history.

use super::*;

#[tokio::test]
async fn acks_are_told_once_and_forward() {
    let mut world = World::new();
    world.store_sent(&sent("S1", 5)).await;
    assert!(world.told().is_empty(), "what was sent by the API is told to nobody");
    for ack in [Ack::Sent, Ack::Sent, Ack::Read, Ack::Received] {
        world.take_in(&[acked(&["S1", "nenhuma"], ack)]).await;
    }
    assert_eq!(world.told(), ["ack:1", "ack:3"]);
    assert_eq!(world.events.of_kind(EventKind::MessageUpdated).len(), 2);
}

/// As when the task was killed between the two, or the store did it and its answer was lost.
#[tokio::test]
async fn an_ack_that_was_stored_and_not_told_is_told() {
    let mut world = World::new();
    world.store_sent(&sent("S1", 5)).await;
    let ids = ["S1".parse::<MessageId>().unwrap()];
    world.chats.acknowledge(&number(), &ana(), &ids, Ack::Received).await.unwrap();
    world.restart();
    for ack in [Ack::Received, Ack::Received, Ack::Sent] {
        world.take_in(&[acked(&["S1"], ack)]).await;
    }
    assert_eq!(world.told(), ["ack:2"]);
}

/// As when a task ends between the wire and the store, and what WhatsApp tells reaches the next one before it meets the send.
#[tokio::test]
async fn an_ack_that_comes_before_its_message_is_told_when_that_is_stored() {
    let mut world = World::new();
    let id = SendId::from_random([1; 16]).message_id();
    let message = sent(id.as_str(), 5);
    for ack in [Ack::Read, Ack::Received, Ack::Received] {
        world.take_in(&[acked(&[id.as_str()], ack)]).await;
    }
    assert!(world.told().is_empty() && world.texts().await.is_empty());
    world.chats.switch.fail();
    let owner = world.owner.clone();
    world.inbox.store_sent(&owner, &message).await.err().unwrap();
    world.chats.switch.recover();
    world.store_sent(&message).await;
    assert_eq!(world.told(), ["ack:2", "ack:3"]);
    // What follows leads nowhere, nor does the same message again.
    world.take_in(&[acked(&[id.as_str()], Ack::Sent)]).await;
    world.store_sent(&message).await;
    assert_eq!(world.told().len(), 2);
    assert_eq!(world.chats.message(&number(), &message.key).await.unwrap().unwrap().ack, Ack::Read);
}

#[tokio::test]
async fn an_ack_of_a_message_that_was_deleted_brings_it_not_back() {
    let mut world = World::new();
    let id = SendId::from_random([1; 16]).message_id();
    world.store_sent(&sent(id.as_str(), 5)).await;
    world.take_in(&[Update::Chat { chat: ana(), change: ChatChange::Deleted }]).await;
    world.take_in(&[acked(&[id.as_str()], Ack::Read)]).await;
    assert!(world.told().is_empty() && world.texts().await.is_empty());
}

#[tokio::test]
async fn an_edit_that_is_late_is_not_told() {
    let mut world = World::new();
    let key = received("A1", 10, "").key;
    let edit = |text: &str, at| Update::Edited { key: key.clone(), text: text.into(), at: second(at) };
    world.take_in(&[edit("nada", 9), Update::Message(received("A1", 10, "um"))]).await;
    world.take_in(&[edit("três", 13), edit("dois", 12)]).await;
    assert_eq!(world.texts().await, ["três"]);
    assert_eq!(world.told(), ["chat:um", "chat:três"]);
}

#[tokio::test]
async fn reactions_are_told_and_count_nothing() {
    let mut world = World::new();
    let body = Body::Reaction { target: sent("S1", 1).key, emoji: Some("👍".into()) };
    world.take_in(&[Update::Message(Message { body, ..received("A1", 10, "") })]).await;
    assert_eq!(world.told().len(), 1);
    assert_eq!(world.chats.chat(&number(), &ana()).await.unwrap().unwrap().unread, 0);
}

#[tokio::test]
async fn history_is_stored_and_nobody_is_told() {
    let mut world = World::new();
    let contact = Contact { name: Some("Ana da Silva".into()), ..Contact::new(ana().into()) };
    let chat = Chat { name: contact.name.clone(), unread: 2, ..Chat::unknown(ana()) };
    let history = Update::History {
        chats: vec![chat],
        messages: vec![picture("A1", 1), received("A0", 0, "zero")],
        contacts: vec![contact],
    };
    for _ in 0..2 {
        world.take_in(std::slice::from_ref(&history)).await;
    }
    assert_eq!(world.texts().await, ["zero", "image"]);
    assert!(world.told().is_empty() && world.media.pushed().is_empty());
    let chat = world.chats.chat(&number(), &ana()).await.unwrap().unwrap();
    assert_eq!((chat.unread, chat.name.as_deref()), (2, Some("Ana da Silva")));
}
