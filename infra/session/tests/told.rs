//! What is told of a send to whoever reads its chat or has a webhook, whatever its task was doing when it ended.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::chat::{Ack, Address, Body, Message, MessageKey, Update};
use carteiro_core::ids::SendId;
use carteiro_core::ports::ChatReader;
use carteiro_core::send::{ContactCard, Content, Status, Text};
use carteiro_core::webhook::EventKind;
use carteiro_engine::{Handover, ReceiptKind, SessionEvent};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::sync::oneshot::Receiver;
use tokio::time::{sleep, timeout};
use world::{World, phone, recipient, sender};

const GROUP: &str = "120363000000000001@g.us";

/// What a send carries, and to whom.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    ToGroup,
    Contact,
    File,
}

/// Where the task is when it ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    /// WhatsApp has the message, and has not said so.
    Wire,
    /// The send is stored as sent, and its message is not.
    Message,
    /// The message is stored, and how far it is is not.
    Ack,
    /// That is stored, and not told.
    Event,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Text, Kind::ToGroup, Kind::Contact, Kind::File];

    async fn send(self, world: &World) -> SendId {
        let to = recipient();
        match self {
            Kind::Text => world.send("olá").await,
            Kind::ToGroup => {
                world.send_of(Content::Text(Text::parse("a todos".to_owned()).unwrap()), GROUP).await
            }
            Kind::Contact => {
                let card = ContactCard::new("Ana", phone("5511911112222"));
                world.send_of(Content::Contact(card), to.digits()).await
            }
            Kind::File => world.send_file("foto").await,
        }
    }

    fn chat(self) -> Address {
        match self {
            Kind::ToGroup => GROUP.parse().unwrap(),
            _ => Address::of_phone(&recipient()),
        }
    }

    fn is_in(self, message: &Message) -> bool {
        match (self, &message.body) {
            (Kind::Text, Body::Text { text }) => text == "olá",
            (Kind::ToGroup, Body::Text { text }) => text == "a todos",
            (Kind::Contact, Body::Contacts { .. }) => true,
            // What the played media server makes of a file, or what was asked for.
            (Kind::File, Body::Text { text }) => text == "foto",
            (Kind::File, Body::Media(file)) => file.caption.as_deref() == Some("foto"),
            _ => false,
        }
    }
}

impl At {
    const ALL: [At; 4] = [At::Wire, At::Message, At::Ack, At::Event];

    fn cut(self, world: &World) {
        match self {
            At::Wire => world.whatsapp.server().silent = true,
            At::Message => world.chats.switch.fail_in("add"),
            At::Ack => world.chats.switch.fail_in("acknowledge"),
            At::Event => world.events.switch.fail(),
        }
    }

    fn mend(self, world: &World) {
        world.whatsapp.server().silent = false;
        world.chats.switch.recover();
        world.events.switch.recover();
    }

    async fn reached(self, world: &World, id: SendId) {
        if self == At::Wire {
            world.until("it is written", |world| !world.whatsapp.server().wire.is_empty()).await;
        } else {
            world.until_status(id, Status::Sent).await;
        }
        // What can be stored is.
        sleep(Duration::from_secs(1)).await;
    }
}

/// The acks that were told of a send, in their order.
fn told(world: &World, id: SendId) -> Vec<i64> {
    let message = id.message_id();
    let events = world.events.of_kind(EventKind::MessageUpdated);
    let of = events.iter().filter(|event| event.json["id"].as_str().unwrap().contains(message.as_str()));
    of.map(|event| event.json["ack"].as_i64().unwrap()).collect()
}

/// WhatsApp tells how far a message came: both things that the engine makes of a receipt, and what hears that they were taken.
fn reaches(world: &World, id: SendId, chat: &Address, ack: Ack) -> [Receiver<()>; 2] {
    let kind = if ack == Ack::Read { ReceiptKind::Read } else { ReceiptKind::Delivered };
    let receipt = world.whatsapp.receipt(&sender(), &[id.message_id().as_str().to_owned()], kind);
    let (handover, taken) = Handover::awaited();
    let ids = vec![id.message_id()];
    let acked = Update::Acked { chat: chat.clone(), ids, ack, at: Timestamp::UNIX_EPOCH };
    world.whatsapp.tell(&sender(), SessionEvent::Updates { updates: vec![acked], handover });
    [receipt, taken]
}

async fn connected_again(world: &World, times: usize) {
    world.within(60, "it is connected again", |world| world.whatsapp.server().logins.len() == times).await;
}

/// That a send is in its chat as one that came as far as `ack`, that this was told, each ack once and none after a higher one, and
/// that nothing is left to do.
async fn is_told(world: &World, id: SendId, kind: Kind, ack: Ack, what: &str) {
    let last = i64::from(ack.number());
    world
        .within(120, &format!("{what}: ack {last} is told"), |world| told(world, id).last() == Some(&last))
        .await;
    world.within(60, &format!("{what}: nothing is left"), |world| world.queues.is_empty()).await;
    let acks = told(world, id);
    assert!(acks.is_sorted_by(|one, next| one < next), "{what}: {acks:?}");
    let key = MessageKey::ours(kind.chat(), id.message_id());
    let message = world.chats.message(&sender(), &key).await.unwrap().unwrap();
    assert!(message.ack == ack && kind.is_in(&message), "{what}: {message:?}");
    assert_eq!(world.sends.count_parked(), 0, "{what}");
}

/// A task is killed at some point, and WhatsApp tells the next one, before or after that has met the send, how far it came.
async fn killed(kind: Kind, at: At, acks: &[Ack], waits: bool) {
    let what = format!("{kind:?} {at:?} {acks:?} {waits}");
    let (world, task) = World::connected().await;
    at.cut(&world);
    let id = kind.send(&world).await;
    at.reached(&world, id).await;
    task.kill().await;
    at.mend(&world);
    // The clocks of two tasks may be an hour apart, either way.
    world.clock.set_ahead(SignedDuration::from_hours(if waits { 1 } else { -1 }));
    let _task = world.start();
    connected_again(&world, 2).await;
    if waits {
        is_told(&world, id, kind, Ack::Sent, &what).await;
    }
    for ack in acks {
        for taken in reaches(&world, id, &kind.chat(), *ack) {
            timeout(Duration::from_secs(60), taken).await.unwrap().unwrap();
        }
    }
    is_told(&world, id, kind, acks.iter().copied().max().unwrap_or(Ack::Sent), &what).await;
    assert_eq!(told(&world, id).contains(&2), acks.contains(&Ack::Received), "{what}");
}

#[tokio::test(start_paused = true)]
async fn a_send_is_told_as_sent_wherever_its_task_was_killed() {
    for kind in Kind::ALL {
        for at in At::ALL {
            killed(kind, at, &[], false).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_is_told_wherever_the_sends_task_was_killed() {
    for kind in Kind::ALL {
        for at in At::ALL {
            for waits in [false, true] {
                killed(kind, at, &[Ack::Received], waits).await;
                killed(kind, at, &[Ack::Received, Ack::Read], waits).await;
            }
        }
    }
}

/// The receipt reached the task before it was killed, and the send knows of it.
#[tokio::test(start_paused = true)]
async fn a_delivery_that_a_send_knows_of_is_told_though_its_task_was_killed() {
    for kind in Kind::ALL {
        for at in At::ALL {
            let what = format!("{kind:?} {at:?}");
            let (world, task) = World::connected().await;
            at.cut(&world);
            let id = kind.send(&world).await;
            at.reached(&world, id).await;
            let [receipt, acked] = reaches(&world, id, &kind.chat(), Ack::Received);
            timeout(Duration::from_secs(60), receipt).await.unwrap().unwrap();
            assert_eq!(world.status(id), Status::Delivered, "{what}");
            task.kill().await;
            at.mend(&world);
            let _task = world.start();
            connected_again(&world, 2).await;
            // What was not taken comes again.
            if acked.await.is_err() {
                for taken in reaches(&world, id, &kind.chat(), Ack::Received) {
                    timeout(Duration::from_secs(60), taken).await.unwrap().unwrap();
                }
            }
            is_told(&world, id, kind, Ack::Received, &what).await;
            assert_eq!(world.status(id), Status::Delivered, "{what}");
        }
    }
}

/// What cannot be stored when a task is told to stop is left to the next one.
#[tokio::test(start_paused = true)]
async fn a_task_that_stops_before_it_could_tell_leaves_that_to_the_next() {
    for at in [At::Message, At::Ack, At::Event] {
        let what = format!("{at:?}");
        let (world, task) = World::connected().await;
        at.cut(&world);
        let id = world.send("olá").await;
        at.reached(&world, id).await;
        task.stop().await;
        assert!(!world.queues.is_empty(), "{what}: its command is held");
        at.mend(&world);
        let _task = world.start();
        is_told(&world, id, Kind::Text, Ack::Sent, &what).await;
    }
}

/// Sends go out, and their statuses are stored, while chats and webhooks are behind.
#[tokio::test(start_paused = true)]
async fn what_is_behind_is_told_in_order_once_it_can_be() {
    for at in [At::Message, At::Ack, At::Event] {
        let (world, _task) = World::connected().await;
        at.cut(&world);
        let mut ids = Vec::new();
        for text in ["olá", "olá", "olá"] {
            ids.push(world.send(text).await);
        }
        world.until("all are sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
        let mut taken = Vec::new();
        for id in &ids {
            taken.extend(reaches(&world, *id, &Kind::Text.chat(), Ack::Received));
        }
        world
            .until("all are delivered", |world| ids.iter().all(|id| world.status(*id) == Status::Delivered))
            .await;
        at.mend(&world);
        for taken in taken {
            timeout(Duration::from_secs(60), taken).await.unwrap().unwrap();
        }
        for id in ids {
            is_told(&world, id, Kind::Text, Ack::Received, &format!("{at:?}")).await;
            assert_eq!(told(&world, id), [1, 2]);
        }
        assert_eq!(world.whatsapp.shown().len(), 3);
    }
}
