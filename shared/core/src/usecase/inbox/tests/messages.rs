//! Messages that come: stored and told, once and in order.

use super::*;

#[tokio::test]
async fn a_message_is_stored_and_told_with_whose_it_is() {
    let mut world = World::new();
    world.take_in(&[Update::Message(received("A1", 10, "olá"))]).await;
    assert_eq!(world.texts().await, ["olá"]);
    let (user, event) = world.events.published().remove(0);
    assert_eq!(user, world.owner.user);
    assert_eq!(
        (event.origin.shown(), event.kind, event.at),
        ("loja", EventKind::MessageReceived, second(10))
    );
    assert_eq!((event.json["body"].as_str(), event.json["notifyName"].as_str()), (Some("olá"), Some("Ana")));
    let known = world.chats.contacts_of(&number(), &[ana()]).await.unwrap();
    assert_eq!(known[0].push_name.as_deref(), Some("Ana"));
}

#[tokio::test]
async fn what_comes_again_is_stored_and_told_once() {
    let mut world = World::new();
    let unreadable = Message { body: Body::Ciphertext, ..received("A3", 12, "") };
    let updates = [
        Update::Message(received("A1", 10, "um")),
        Update::Message(picture("A2", 11)),
        Update::Message(unreadable),
        Update::Message(received("A3", 12, "três")),
        Update::Edited { key: received("A1", 10, "").key, text: "1".into(), at: second(20) },
        Update::Revoked { key: picture("A2", 11).key, at: second(21) },
    ];
    for _ in 0..2 {
        world.take_in(&updates).await;
        world.restart();
    }
    assert_eq!(world.texts().await, ["1", "revoked", "três"]);
    let told = world.told();
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(told.starts_with(&["chat:um".into(), "image:".into(), "ciphertext:".into(), "chat:três".into()]));
    assert_eq!(told[4..], ["chat:1", "revoked:"]);
    assert_eq!(world.chats.chat(&number(), &ana()).await.unwrap().unwrap().unread, 3);
}

/// Its keys were used up when it came first.
#[tokio::test]
async fn what_was_read_and_comes_again_unreadable_is_not_told_again() {
    let mut world = World::new();
    world.take_in(&[Update::Message(received("A1", 10, "um"))]).await;
    world.restart();
    world.take_in(&[Update::Message(Message { body: Body::Ciphertext, ..received("A1", 10, "") })]).await;
    assert_eq!((world.told(), world.texts().await), (vec!["chat:um".to_owned()], vec!["um".to_owned()]));
}

#[tokio::test]
async fn an_outage_loses_nothing_and_doubles_nothing() {
    let mut world = World::new();
    world.store_sent(&sent("S1", 5)).await;
    let updates = [
        Update::Message(picture("A1", 10)),
        acked(&["S1"], Ack::Sent),
        Update::Message(received("A2", 11, "dois")),
    ];
    let mut intake = world.intake(&updates);
    world.chats.switch.fail();
    world.inbox.take_in(&mut intake).await.unwrap_err();
    world.chats.switch.recover();
    world.events.switch.fail();
    world.inbox.take_in(&mut intake).await.unwrap_err();
    assert!(!intake.is_done());
    world.events.switch.recover();
    world.media.switch.fail();
    world.inbox.take_in(&mut intake).await.unwrap_err();
    assert_eq!(world.told(), ["image:"]);
    world.media.switch.recover();
    world.events.switch.fail();
    world.inbox.take_in(&mut intake).await.unwrap_err();
    assert_eq!(world.media.pushed().len(), 1);
    world.events.switch.recover();
    world.inbox.take_in(&mut intake).await.unwrap();
    assert_eq!(
        world.told(),
        ["image:", "ack:1", "chat:dois"],
        "the ack moved before the outage, and is told"
    );
    assert_eq!(world.media.pushed().len(), 1);
    assert!(intake.is_done());
}

#[tokio::test]
async fn our_own_from_other_devices_are_told_and_their_files_are_not_copied() {
    let mut world = World::new();
    let own = Message { key: sent("P1", 1).key, ..picture("P1", 10) };
    world.take_in(&[Update::Message(own)]).await;
    assert_eq!(world.told(), ["image:"]);
    assert!(world.media.pushed().is_empty());
    world.take_in(&[Update::Message(picture("A1", 11))]).await;
    assert_eq!(world.media.pushed()[0].key, picture("A1", 11).key);
}

#[tokio::test]
async fn statuses_and_messages_that_no_client_can_name_are_left_out() {
    let mut world = World::new();
    let statuses: Address = "status@broadcast".parse().unwrap();
    let mut status = picture("A1", 10);
    status.key.chat = statuses.clone();
    status.key.participant = Some(ana());
    // Spelled out, it is the key of another message.
    let ambiguous = received("A1_77@lid", 11, "de quem?");
    let all = [status, ambiguous];
    let history = Update::History {
        chats: vec![Chat::unknown(statuses)],
        messages: all.to_vec(),
        contacts: Vec::new(),
    };
    let mut updates: Vec<Update> = all.map(Update::Message).into();
    updates.push(history);
    world.take_in(&updates).await;
    assert!(world.told().is_empty() && world.media.pushed().is_empty());
    assert!(world.chats.chats(&number(), None, 9).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn messages_of_one_second_keep_the_order_in_which_they_came() {
    let mut world = World::new();
    let updates: Vec<Update> =
        ["z", "m", "a", "k"].iter().map(|id| Update::Message(received(id, 10, id))).collect();
    world.take_in(&updates[..2]).await;
    world.take_in(&updates[2..]).await;
    assert_eq!(world.texts().await, ["z", "m", "a", "k"]);
    let json = world.events.published().pop().unwrap().1.json;
    assert_eq!(json["t"], second(10).as_second());
}

#[test]
fn events_have_ids_of_their_own() {
    let (user, other) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
    let key = received("A1", 1, "").key;
    let id = |user, kind, what: &str| super::effect::event_id(user, &number(), kind, &key, what);
    let one = id(user, EventKind::MessageReceived, "message");
    assert_eq!(one, id(user, EventKind::MessageReceived, "message"));
    for other in [
        id(other, EventKind::MessageReceived, "message"),
        id(user, EventKind::MessageUpdated, "message"),
        id(user, EventKind::MessageReceived, "revoked"),
    ] {
        assert_ne!(one, other);
    }
}
