//! A message, as it arrives.

use super::People;
use super::body::{Said, said, text_of, unwrapped};
use super::key::{quoted, target};
use super::people::address;
use carteiro_core::chat::{Ack, Body, ContactChange, Message, MessageKey, Update};
use jiff::Timestamp;
use wacore::types::events::{DecryptFailMode, InboundMessage, UndecryptableMessage};
use wacore::types::message::MessageInfo;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type;

/// What a message changes; nothing for one that shows nothing.
pub(crate) fn updates(inbound: &InboundMessage, people: &People) -> Vec<Update> {
    let Some(message) = framed(&inbound.info, people) else { return Vec::new() };
    let business = business(&inbound.info, &message);
    let update = update(&inbound.message, message, people);
    update.into_iter().chain(business).collect()
}

/// A message that could not be decrypted, unless it is one that shows nothing.
pub(crate) fn undecryptable(event: &UndecryptableMessage, people: &People) -> Option<Update> {
    let shown = event.decrypt_fail_mode == DecryptFailMode::Show;
    framed(&event.info, people).filter(|_| shown).map(Update::Message)
}

/// What a message changes that WhatsApp delivered in this frame.
pub(crate) fn update(message: &wa::Message, frame: Message, people: &People) -> Option<Update> {
    let message = unwrapped(message);
    if let Some(protocol) = message.protocol_message.as_option() {
        return about_another(protocol, &frame, people);
    }
    if let Some(reaction) = message.reaction_message.as_option() {
        let target = target(&reaction.key, &frame, people)?;
        let emoji = reaction.text.clone().filter(|emoji| !emoji.is_empty());
        return Some(Update::Message(Message { body: Body::Reaction { target, emoji }, ..frame }));
    }
    let Said { body, context } = said(message)?;
    Some(Update::Message(Message {
        body,
        quoted: context.and_then(|context| quoted(context, &frame.key.chat, people)),
        forwarded: context.and_then(|context| context.is_forwarded).unwrap_or_default(),
        ..frame
    }))
}

/// An edit.
pub(crate) struct Edit<'a> {
    /// The id of the message.
    pub(crate) of: &'a str,
    /// What it says now.
    pub(crate) message: &'a wa::Message,
    pub(crate) at: Option<Timestamp>,
}

/// The edit that a message is, if it is one.
pub(crate) fn edited(message: &wa::Message) -> Option<Edit<'_>> {
    let protocol = unwrapped(message).protocol_message.as_option()?;
    let is = protocol.r#type == Some(Type::MESSAGE_EDIT);
    let at = protocol.timestamp_ms.and_then(|at| Timestamp::from_millisecond(at).ok());
    let of = protocol.key.as_option()?.id.as_deref()?;
    protocol.edited_message.as_option().filter(|_| is).map(|message| Edit { of, message, at })
}

/// Edits and revocations; what else the protocol tells shows nothing.
fn about_another(
    protocol: &wa::message::ProtocolMessage,
    frame: &Message,
    people: &People,
) -> Option<Update> {
    let key = || target(&protocol.key, frame, people);
    match protocol.r#type {
        Some(Type::REVOKE) => Some(Update::Revoked { key: key()?, at: frame.at }),
        Some(Type::MESSAGE_EDIT) => {
            let edited = said(unwrapped(protocol.edited_message.as_option()?))?;
            let text = text_of(&edited.body).unwrap_or_default().to_owned();
            Some(Update::Edited { key: key()?, text, at: frame.at })
        }
        _ => None,
    }
}

/// The name of the business that wrote, where WhatsApp has verified it.
fn business(info: &MessageInfo, message: &Message) -> Option<Update> {
    let name = info.verified_name.as_ref()?.name.clone().filter(|name| !name.is_empty())?;
    let known = !message.key.from_me && message.author.address().is_person();
    known.then(|| {
        Update::Contact(ContactChange {
            person: message.author.clone(),
            name: None,
            push_name: None,
            verified_name: Some(name),
        })
    })
}

/// A message with everything but what it says; `None` where its id is one that no key can have.
fn framed(info: &MessageInfo, people: &People) -> Option<Message> {
    let (source, id) = (&info.source, info.id.parse().ok()?);
    let place = people.person(address(&source.chat)?);
    let from_me = source.is_from_me;
    let author = if from_me { people.me()?.clone() } else { people.person(address(&source.sender)?) };
    let chat = place.address().clone();
    let participant = (!chat.is_person() && !from_me).then(|| author.address().clone());
    Some(Message {
        key: MessageKey { chat: chat.clone(), from_me, id, participant },
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
