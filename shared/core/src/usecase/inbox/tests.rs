use super::*;
use crate::chat::{
    Ack, Address, Attachment, AttachmentKind, Chat, ChatChange, ContactChange, Group, Participant, Rank,
};
use crate::ids::MessageId;
use crate::media::MediaKey;
use crate::testing::{MemoryChats, MemoryEvents, MemoryMediaQueue};
use crate::webhook::EventKind;
use jiff::Timestamp;

struct World {
    chats: Arc<MemoryChats>,
    events: Arc<MemoryEvents>,
    media: Arc<MemoryMediaQueue>,
    inbox: Inbox,
    owner: NumberOwner,
}

fn number() -> Phone {
    "5511988887777".parse().unwrap()
}

fn ana() -> Address {
    "5511911112222@c.us".parse().unwrap()
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn received(id: &str, at: i64, text: &str) -> Message {
    Message {
        key: MessageKey { chat: ana(), from_me: false, id: MessageId::new(id), participant: None },
        at: second(at),
        author: ana().into(),
        push_name: Some("Ana".into()),
        with: Some(ana().into()),
        ack: Ack::Received,
        body: Body::Text { text: text.into() },
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

fn sent(id: &str, at: i64) -> Message {
    Message {
        key: MessageKey::ours(ana(), MessageId::new(id)),
        author: Address::of_phone(&number()).into(),
        ack: Ack::Pending,
        push_name: None,
        ..received(id, at, "nosso")
    }
}

fn picture(id: &str, at: i64) -> Message {
    let file = Attachment {
        kind: AttachmentKind::Image,
        mime: "image/jpeg".into(),
        caption: None,
        file_name: None,
        length: None,
        seconds: None,
        width: None,
        height: None,
        key: Some(MediaKey([7; 32])),
        direct_path: Some("/v/1".into()),
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    };
    Message { body: Body::Media(file), ..received(id, at, "") }
}

fn acked(ids: &[&str], ack: Ack) -> Update {
    let ids = ids.iter().map(|id| MessageId::new(*id)).collect();
    Update::Acked { chat: ana(), ids, ack, at: second(99) }
}

impl World {
    fn new() -> Self {
        let (chats, events) = (Arc::<MemoryChats>::default(), Arc::<MemoryEvents>::default());
        let media = Arc::<MemoryMediaQueue>::default();
        let owner =
            NumberOwner { user: UserId::from_random([7; 16]), session: Some("loja".parse().unwrap()) };
        let mut world = Self {
            inbox: Inbox::new(Self::ports(&chats, &events, &media), number()),
            chats,
            events,
            media,
            owner,
        };
        world.restart();
        world
    }

    fn ports(
        chats: &Arc<MemoryChats>,
        events: &Arc<MemoryEvents>,
        media: &Arc<MemoryMediaQueue>,
    ) -> Arc<InboxPorts> {
        Arc::new(InboxPorts {
            reader: chats.clone(),
            writer: chats.clone(),
            events: events.clone(),
            media: media.clone(),
        })
    }

    /// As after a crash.
    fn restart(&mut self) {
        self.inbox = Inbox::new(Self::ports(&self.chats, &self.events, &self.media), number());
    }

    fn intake(&self, updates: &[Update]) -> Intake {
        Intake::new(self.owner.clone(), updates.to_vec())
    }

    async fn take_in(&mut self, updates: &[Update]) {
        let mut intake = self.intake(updates);
        self.inbox.take_in(&mut intake).await.unwrap();
        assert!(intake.is_done());
    }

    async fn texts(&self) -> Vec<String> {
        let slice = self.chats.messages(&number(), &ana(), None, 100).await.unwrap();
        let text = |message: &Message| match &message.body {
            Body::Text { text } => text.clone(),
            body => body.v1_type().to_owned(),
        };
        slice.items.iter().rev().map(text).collect()
    }

    /// What was told, as `kind:body`.
    fn told(&self) -> Vec<String> {
        let shown = |event: &crate::webhook::Event| {
            let json = &event.json;
            match event.kind {
                EventKind::MessageUpdated => format!("ack:{}", json["ack"]),
                _ => format!(
                    "{}:{}",
                    json["type"].as_str().unwrap(),
                    json["body"].as_str().unwrap_or_default()
                ),
            }
        };
        self.events.published().iter().map(|(_, event)| shown(event)).collect()
    }
}

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

#[tokio::test]
async fn an_outage_loses_nothing_and_doubles_nothing() {
    let mut world = World::new();
    world.inbox.store_sent(&sent("S1", 5)).await.unwrap();
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
async fn acks_are_told_once_and_forward() {
    let mut world = World::new();
    world.inbox.store_sent(&sent("S1", 5)).await.unwrap();
    assert!(world.told().is_empty(), "what was sent by the API is told to nobody");
    for ack in [Ack::Sent, Ack::Sent, Ack::Read, Ack::Received] {
        world.take_in(&[acked(&["S1", "nenhuma"], ack)]).await;
    }
    assert_eq!(world.told(), ["ack:1", "ack:3"]);
    assert_eq!(world.events.of_kind(EventKind::MessageUpdated).len(), 2);
}

#[tokio::test]
async fn what_is_sent_to_a_lid_stands_in_the_chat_of_the_number_that_is_known() {
    let mut world = World::new();
    let lid: Address = "77@lid".parse().unwrap();
    let to_lid = Message { key: MessageKey::ours(lid.clone(), MessageId::new("S1")), ..sent("S1", 5) };
    let person = Person::new(ana(), Some(lid.clone()));
    let change = ContactChange { person: person.clone(), name: None, push_name: None, verified_name: None };
    world.take_in(&[Update::Contact(change)]).await;
    world.inbox.store_sent(&to_lid).await.unwrap();
    assert_eq!(world.texts().await, ["nosso"]);
    assert_eq!(world.chats.chat(&number(), &ana()).await.unwrap().unwrap().with, Some(person));
    let ids = vec![MessageId::new("S1")];
    world.take_in(&[Update::Acked { chat: lid, ids, ack: Ack::Sent, at: second(9) }]).await;
    assert_eq!(world.told(), ["ack:1"]);
}

#[tokio::test]
async fn whom_the_phone_wrote_to_is_known_by_both_addresses_when_they_answer_by_one() {
    let mut world = World::new();
    let lid: Address = "77@lid".parse().unwrap();
    let both = Person::new(ana(), Some(lid.clone()));
    let from_phone = |id: &str, at| {
        let message = Message { with: Some(both.clone()), push_name: Some("A loja".into()), ..sent(id, at) };
        Update::Message(message)
    };
    world.take_in(&[from_phone("S1", 5)]).await;
    let ids = vec![MessageId::new("S1")];
    world.take_in(&[Update::Acked { chat: lid, ids, ack: Ack::Read, at: second(9) }]).await;
    assert_eq!(world.told(), ["chat:nosso", "ack:3"]);
    let known = world.chats.contacts_of(&number(), &[ana()]).await.unwrap();
    assert_eq!(
        (known[0].push_name.as_deref(), &known[0].person),
        (None, &both),
        "no name of the number's own"
    );
    // Neither of them writes again what is known.
    let answer = Message { author: both.clone(), with: Some(both.clone()), ..received("A1", 10, "oi") };
    world.take_in(&[Update::Message(answer.clone())]).await;
    world.chats.switch.fail_in("change_contacts");
    let again = Message { key: MessageKey { id: MessageId::new("A2"), ..answer.key.clone() }, ..answer };
    world.take_in(&[from_phone("S2", 11), Update::Message(again)]).await;
    assert_eq!(world.texts().await.len(), 4);
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
async fn statuses_and_messages_without_a_proper_id_are_left_out() {
    let mut world = World::new();
    let statuses: Address = "status@broadcast".parse().unwrap();
    let mut status = picture("A1", 10);
    status.key.chat = statuses.clone();
    status.key.participant = Some(ana());
    let nameless = received("", 11, "sem id");
    let odd = received(&"x".repeat(2_000), 12, "id sem fim");
    let all = [status, nameless, odd];
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

#[tokio::test]
async fn people_are_stored_together_and_chats_and_groups_one_by_one() {
    let mut world = World::new();
    let nobody = |n: u32| -> Person { format!("55119{n:08}@c.us").parse::<Address>().unwrap().into() };
    let named = |n: u32| {
        let name = Some(Some(format!("Pessoa {n}")));
        Update::Contact(ContactChange { person: nobody(n), name, push_name: None, verified_name: None })
    };
    let lid: Address = "77@lid".parse().unwrap();
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    let member = |person| Participant { person, rank: Rank::Member };
    let mut updates: Vec<Update> = (0..250).map(named).collect();
    updates.push(Update::Chat { chat: ana(), change: ChatChange::Archived(true) });
    updates.push(Update::Group(Group {
        address: group.clone(),
        subject: "Família".into(),
        description: None,
        owner: None,
        created_at: None,
        announce: false,
        locked: false,
        participants: vec![member(Person::new(ana(), Some(lid.clone()))), member(nobody(999))],
    }));
    world.chats.switch.asked();
    world.take_in(&updates).await;
    let changes = world.chats.switch.asked().iter().filter(|call| *call == "change_contacts").count();
    assert_eq!(changes, 3);
    assert_eq!(world.chats.contacts(&number(), None, 1_000).await.unwrap().items.len(), 251);
    assert!(world.chats.chat(&number(), &ana()).await.unwrap().unwrap().archived);
    assert_eq!(world.chats.canonical(&number(), &lid).await.unwrap(), ana());
    world.take_in(&[Update::GroupLeft(group.clone())]).await;
    assert_eq!(world.chats.group(&number(), &group).await.unwrap(), None);
}

#[tokio::test]
async fn an_author_who_is_known_is_not_written_again() {
    let mut world = World::new();
    world.take_in(&[Update::Message(received("A1", 10, "um"))]).await;
    world.chats.switch.asked();
    world.take_in(&[Update::Message(received("A2", 11, "dois"))]).await;
    assert!(!world.chats.switch.asked().contains(&"change_contacts".to_owned()));
    let renamed = Message { push_name: Some("Aninha".into()), ..received("A3", 12, "três") };
    world.take_in(&[Update::Message(renamed)]).await;
    let known = world.chats.contacts_of(&number(), &[ana()]).await.unwrap();
    assert_eq!(known[0].push_name.as_deref(), Some("Aninha"));
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
