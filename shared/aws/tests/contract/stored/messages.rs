//! Stored messages: of each body and each ack, and those that were changed.

use crate::chat_samples::{ana, received, second, sent};
use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::chat::{
    Ack, Address, Attachment, AttachmentKind, Body, Card, Message, MessageKey, Person, Quoted, StoredMedia,
};
use carteiro_core::ids::UserId;
use carteiro_core::media::MediaKey;
use carteiro_core::object::ObjectKey;
use carteiro_core::retention::RetentionDays;

super::stored! {
    messages_of_each_body: bodies_are_written, bodies_are_read;
    messages_of_each_ack: acks_are_written, acks_are_read;
    message_with_everything: whole_is_written, whole_is_read;
    messages_changed: changes_are_written, changes_are_read;
}

fn file(kind: AttachmentKind) -> Attachment {
    Attachment {
        kind,
        mime: "application/octet-stream".into(),
        caption: None,
        file_name: None,
        length: None,
        seconds: None,
        width: None,
        height: None,
        key: None,
        direct_path: None,
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    }
}

fn picture() -> Attachment {
    Attachment {
        mime: "image/jpeg".into(),
        caption: Some("Nossa loja".into()),
        file_name: Some("foto.jpg".into()),
        length: Some(1_234),
        seconds: Some(3),
        width: Some(640),
        height: Some(480),
        key: Some(MediaKey([7; 32])),
        direct_path: Some("/v/t62/1?ccb=11-4".into()),
        sha256: Some([1; 32]),
        encrypted_sha256: Some([2; 32]),
        ..file(AttachmentKind::Image)
    }
}

fn stored() -> StoredMedia {
    let object = ObjectKey::received(30, UserId::from_random([0x91; 16]), [3; 32]);
    StoredMedia { object, length: 1_234, expires_at: second(99) }
}

fn target() -> MessageKey {
    MessageKey::ours(ana(), "3EB0FF".parse().unwrap())
}

fn bodies() -> Vec<Body> {
    let place = |name: Option<&str>, live| Body::Location {
        latitude: -23.550_519_9,
        longitude: -46.633_309_4,
        name: name.map(str::to_owned),
        address: name.map(|_| "Sé, São Paulo".to_owned()),
        live,
    };
    let card = |name: &str| Card { name: name.into(), vcard: format!("BEGIN:VCARD\nFN:{name}\nEND:VCARD") };
    let reaction = |emoji: Option<&str>| Body::Reaction { target: target(), emoji: emoji.map(str::to_owned) };
    vec![
        Body::Text { text: "Olá, çãé 👋".into() },
        Body::Media(picture()),
        Body::Media(Attachment { stored: Some(stored()), ..file(AttachmentKind::Video) }),
        Body::Media(file(AttachmentKind::Voice)),
        Body::Media(file(AttachmentKind::Audio)),
        Body::Media(file(AttachmentKind::Document)),
        Body::Media(file(AttachmentKind::Sticker)),
        place(Some("Praça"), false),
        place(None, true),
        Body::Contacts { cards: vec![card("Ana"), card("Bia")] },
        Body::Poll {
            question: "Quando?".into(),
            options: vec!["Hoje".into(), "Nunca".into()],
            selectable: 1,
        },
        reaction(Some("👍")),
        reaction(None),
        Body::Revoked,
        Body::Ciphertext,
        Body::Other { kind: "order".into() },
    ]
}

fn of_each_body() -> Vec<Message> {
    let message = |(place, body): (i64, Body)| Message {
        body,
        ..received(&ana(), &format!("3EB0{place:02}"), place, "")
    };
    (1..).zip(bodies()).map(message).collect()
}

async fn add(ports: &Ports, messages: &[Message]) {
    for message in messages {
        ports.chats.add(&phone(1), message, true, RetentionDays::default()).await.unwrap();
    }
}

async fn are_there(ports: &Ports, messages: &[Message]) {
    for message in messages {
        // `Debug` shows no content: what differs is said by its name.
        let found = ports.chat_reader.message(&phone(1), &message.key).await.unwrap().expect("a message");
        assert!(found == *message, "{found:?} is not {message:?}");
    }
    let mut listed =
        ports.chat_reader.messages(&phone(1), &messages[0].key.chat, None, 50).await.unwrap().items;
    listed.reverse();
    assert!(listed == messages, "they are in their order");
}

async fn bodies_are_written(ports: &Ports) {
    add(ports, &of_each_body()).await;
}

async fn bodies_are_read(ports: &Ports) {
    are_there(ports, &of_each_body()).await;
}

fn of_each_ack() -> Vec<Message> {
    let acks = [Ack::Failed, Ack::Pending, Ack::Sent, Ack::Received, Ack::Read, Ack::Played];
    let message =
        |(place, ack): (i64, Ack)| Message { ack, ..sent(&ana(), &format!("3EB1{place}"), place, "a") };
    (1..).zip(acks).map(message).collect()
}

async fn acks_are_written(ports: &Ports) {
    add(ports, &of_each_ack()).await;
}

async fn acks_are_read(ports: &Ports) {
    are_there(ports, &of_each_ack()).await;
}

/// In a group, by somebody whose LID is known, in answer to another.
fn whole() -> Message {
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    let author = Person::new(ana(), Some("100000000000071@lid".parse().unwrap()));
    let quoted = Quoted { key: target(), body: Some(Box::new(Body::Text { text: "Quando?".into() })) };
    let key = MessageKey { participant: Some(ana()), ..received(&group, "3EB2#A", 9, "").key };
    Message {
        key,
        author: author.clone(),
        push_name: Some("Aninha".into()),
        with: Some(author),
        ack: Ack::Read,
        quoted: Some(quoted),
        forwarded: true,
        edited_at: Some(second(10)),
        ..received(&group, "3EB2#A", 9, "Hoje")
    }
}

async fn whole_is_written(ports: &Ports) {
    add(ports, &[whole()]).await;
}

async fn whole_is_read(ports: &Ports) {
    are_there(ports, &[whole()]).await;
}

/// A text and a picture that were edited, the picture's copy noted, and a message that was taken back.
fn changed() -> Vec<Message> {
    let edited = |message: Message| Message { edited_at: Some(at(60)), ..message };
    let image = Attachment { caption: Some("Depois".into()), stored: Some(stored()), ..picture() };
    vec![
        edited(received(&ana(), "3EB31", 1, "Depois")),
        edited(Message { body: Body::Media(image), ..received(&ana(), "3EB32", 2, "") }),
        Message { body: Body::Revoked, ..received(&ana(), "3EB33", 3, "") },
    ]
}

async fn changes_are_written(ports: &Ports) {
    let [text, image, gone] = changed().try_into().unwrap();
    let before = |message: &Message, body| Message { body, edited_at: None, ..message.clone() };
    let said = || Body::Text { text: "Antes".into() };
    add(ports, &[before(&text, said()), before(&image, Body::Media(picture())), before(&gone, said())]).await;
    for message in [&text, &image] {
        ports.chats.edit(&phone(1), &message.key, "Depois", at(60)).await.unwrap();
    }
    ports.chats.keep_media(&phone(1), &image.key, &stored()).await.unwrap();
    ports.chats.revoke(&phone(1), &gone.key).await.unwrap();
}

async fn changes_are_read(ports: &Ports) {
    are_there(ports, &changed()).await;
}
