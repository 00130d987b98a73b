//! Acks, edits, reactions and history.

use super::*;

#[tokio::test]
async fn acks_are_told_once_and_forward() {
    let mut world = World::new();
    world.inbox.store_sent(world.owner.user, &sent("S1", 5)).await.unwrap();
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
    world.inbox.store_sent(world.owner.user, &sent("S1", 5)).await.unwrap();
    let ids = [MessageId::new("S1")];
    world.chats.acknowledge(&number(), &ana(), &ids, Ack::Received).await.unwrap();
    world.restart();
    for ack in [Ack::Received, Ack::Received, Ack::Sent] {
        world.take_in(&[acked(&["S1"], ack)]).await;
    }
    assert_eq!(world.told(), ["ack:2"]);
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
