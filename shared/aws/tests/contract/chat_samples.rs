//! Messages for tests.

use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Ack, Address, Attachment, AttachmentKind, Body, Chat, Message, MessageKey};
use carteiro_core::ports::Stored;
use carteiro_core::retention::RetentionDays;
use jiff::Timestamp;

/// Somebody whom the number writes with.
pub(crate) fn ana() -> Address {
    Address::of_phone(&phone(71))
}

/// Somebody else.
pub(crate) fn bia() -> Address {
    Address::of_phone(&phone(72))
}

/// A whole second.
pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

/// A text that came in a chat.
pub(crate) fn received(chat: &Address, id: &str, at: i64, text: &str) -> Message {
    let key = MessageKey { chat: chat.clone(), from_me: false, id: id.parse().unwrap(), participant: None };
    Message {
        key,
        at: second(at),
        author: chat.clone().into(),
        push_name: None,
        with: chat.is_person().then(|| chat.clone().into()),
        ack: Ack::Received,
        body: Body::Text { text: text.to_owned() },
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

/// A text that the number wrote.
pub(crate) fn sent(chat: &Address, id: &str, at: i64, text: &str) -> Message {
    Message {
        key: MessageKey::ours(chat.clone(), id.parse().unwrap()),
        author: Address::of_phone(&phone(1)).into(),
        ack: Ack::Sent,
        ..received(chat, id, at, text)
    }
}

/// What a text says.
pub(crate) fn text_of(message: &Message) -> String {
    match &message.body {
        Body::Text { text } => text.clone(),
        other => panic!("no text: {other:?}"),
    }
}

/// What texts say.
pub(crate) fn texts(messages: &[Message]) -> Vec<String> {
    messages.iter().map(text_of).collect()
}

/// Stores a message of the number `phone(1)`.
pub(crate) async fn add(ports: &Ports, message: &Message) -> Stored {
    ports.chats.add(&phone(1), message, true, RetentionDays::default()).await.unwrap()
}

/// One of its chats.
pub(crate) async fn chat(ports: &Ports, address: &Address) -> Option<Chat> {
    ports.chat_reader.chat(&phone(1), address).await.unwrap()
}

/// How many of its messages are unread.
pub(crate) async fn unread(ports: &Ports, address: &Address) -> u32 {
    chat(ports, address).await.unwrap().unread
}

/// A message as it is now.
pub(crate) async fn read(ports: &Ports, message: &Message) -> Message {
    ports.chat_reader.message(&phone(1), &message.key).await.unwrap().expect("it is there")
}

/// The texts of a chat's messages, the latest first.
pub(crate) async fn shown(ports: &Ports, address: &Address) -> Vec<String> {
    let slice = ports.chat_reader.messages(&phone(1), address, None, 1_000).await.unwrap();
    assert_eq!(slice.next, None);
    texts(&slice.items)
}

/// A picture.
pub(crate) fn media(caption: Option<&str>) -> Body {
    Body::Media(Attachment {
        kind: AttachmentKind::Image,
        mime: "image/jpeg".into(),
        caption: caption.map(str::to_owned),
        file_name: None,
        length: Some(1234),
        seconds: None,
        width: Some(640),
        height: Some(480),
        key: Some(carteiro_core::media::MediaKey([7; 32])),
        direct_path: Some("/v/t62/1?ccb=11-4".into()),
        sha256: Some([1; 32]),
        encrypted_sha256: Some([2; 32]),
        stored: None,
    })
}
