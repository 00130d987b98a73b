//! A message, as it arrives.

use super::People;
use super::people::address;
use carteiro_core::chat::{Ack, Body, Message, MessageKey, Update};
use carteiro_core::ids::MessageId;
use jiff::Timestamp;
use wacore::proto_helpers::MessageExt;
use wacore::types::events::InboundMessage;
use wacore::types::message::MessageInfo;

/// What a message changes; nothing for one that shows nothing.
pub(crate) fn updates(inbound: &InboundMessage, people: &People) -> Vec<Update> {
    let Some(message) = framed(&inbound.info, people) else { return Vec::new() };
    let Some(text) = inbound.message.text_content() else { return Vec::new() };
    vec![Update::Message(Message { body: Body::Text { text: text.to_owned() }, ..message })]
}

/// A message with everything but what it says.
pub(crate) fn framed(info: &MessageInfo, people: &People) -> Option<Message> {
    let source = &info.source;
    let place = people.person(address(&source.chat)?);
    let from_me = source.is_from_me;
    let author = if from_me { people.me()?.clone() } else { people.person(address(&source.sender)?) };
    let chat = place.address().clone();
    let participant = (!chat.is_person() && !from_me).then(|| author.address().clone());
    Some(Message {
        key: MessageKey { chat: chat.clone(), from_me, id: MessageId::new(info.id.as_str()), participant },
        at: Timestamp::from_second(info.timestamp.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH),
        author,
        push_name: Some(info.push_name.clone()).filter(|name| !name.is_empty()),
        with: chat.is_person().then_some(place),
        ack: if from_me { Ack::Sent } else { Ack::Received },
        body: Body::Ciphertext,
        quoted: None,
        forwarded: false,
        edited_at: None,
    })
}
