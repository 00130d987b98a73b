//! Messages for tests.

use crate::samples::phone;
use carteiro_core::chat::{Ack, Address, Body, Message, MessageKey};
use carteiro_core::ids::MessageId;
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
    let key = MessageKey { chat: chat.clone(), from_me: false, id: MessageId::new(id), participant: None };
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
        key: MessageKey::ours(chat.clone(), MessageId::new(id)),
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
