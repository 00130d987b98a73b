//! Messages, as the phone has them.

use super::conversation::moment;
use crate::inbound::{People, address_of, edited, named, update};
use carteiro_core::chat::{Ack, Body, Message, MessageKey, Person, Update};
use jiff::Timestamp;
use waproto::whatsapp::web_message_info::{Status, StubType};
use waproto::whatsapp::{Reaction, WebMessageInfo};

/// A message and the reactions to it; nothing for what shows nothing, such as who joined a group.
pub(crate) fn messages(told: &WebMessageInfo, place: &Person, people: &People) -> Vec<Message> {
    let Some(frame) = framed(told, place, people) else { return Vec::new() };
    let Some(message) = said(told, frame, people) else { return Vec::new() };
    let reactions = told.reactions.iter().filter_map(|one| reaction(one, &message, people));
    let reactions: Vec<_> = reactions.collect();
    std::iter::once(message).chain(reactions).collect()
}

fn said(told: &WebMessageInfo, frame: Message, people: &People) -> Option<Message> {
    match told.message_stub_type {
        Some(StubType::REVOKE | StubType::ADMIN_REVOKE) => {
            return Some(Message { body: Body::Revoked, ..frame });
        }
        Some(StubType::CIPHERTEXT) => return Some(frame),
        _ => {}
    }
    let message = told.message.as_option()?;
    // An edited message stands in the history as its own edit.
    if let Some(edit) = edited(message)
        && edit.of == frame.key.id.as_str()
    {
        let at = edit.at.unwrap_or(frame.at);
        let Update::Message(message) = update(edit.message, frame, people)? else { return None };
        return Some(Message { edited_at: Some(at), ..message });
    }
    match update(message, frame, people)? {
        Update::Message(message) => Some(message),
        _ => None,
    }
}

/// A message with everything but what it says.
fn framed(told: &WebMessageInfo, place: &Person, people: &People) -> Option<Message> {
    let key = &told.key;
    let from_me = key.from_me.unwrap_or_default();
    let chat = place.address().clone();
    let named = [&key.participant, &told.participant];
    let named = named.into_iter().flatten().find_map(|jid| address_of(jid));
    let author = match (from_me, chat.is_person(), named) {
        (true, _, _) => people.me()?.clone(),
        (false, false, Some(author)) => people.person(author),
        (false, _, _) => place.clone(),
    };
    let participant = (!chat.is_person() && !from_me).then(|| author.address().clone());
    let id = key.id.as_deref()?.parse().ok()?;
    Some(Message {
        key: MessageKey { chat: chat.clone(), from_me, id, participant },
        at: told.message_timestamp.and_then(moment)?,
        author,
        push_name: told.push_name.clone().filter(|name| !name.is_empty()),
        with: chat.is_person().then(|| place.clone()),
        ack: ack(told.status, from_me),
        body: Body::Ciphertext,
        quoted: None,
        forwarded: false,
        edited_at: None,
    })
}

fn ack(status: Option<Status>, from_me: bool) -> Ack {
    match status {
        Some(Status::PLAYED) => Ack::Played,
        Some(Status::READ) => Ack::Read,
        _ if !from_me => Ack::Received,
        Some(Status::DELIVERY_ACK) => Ack::Received,
        Some(Status::ERROR) => Ack::Failed,
        Some(Status::PENDING) => Ack::Pending,
        Some(Status::SERVER_ACK) | None => Ack::Sent,
    }
}

/// A reaction stands in the history with the message that it is to, and has a key of its own.
fn reaction(told: &Reaction, to: &Message, people: &People) -> Option<Message> {
    let emoji = told.text.clone().filter(|emoji| !emoji.is_empty())?;
    let key = named(&told.key, &to.key.chat, people)?;
    let author = match (&key.participant, &to.with) {
        _ if key.from_me => people.me()?.clone(),
        (Some(author), _) => people.person(author.clone()),
        (None, Some(other)) => other.clone(),
        (None, None) => return None,
    };
    let at = told.sender_timestamp_ms.and_then(|at| Timestamp::from_millisecond(at).ok());
    Some(Message {
        at: at.unwrap_or(to.at),
        author,
        push_name: None,
        with: to.with.clone(),
        ack: if key.from_me { Ack::Sent } else { Ack::Received },
        body: Body::Reaction { target: to.key.clone(), emoji: Some(emoji) },
        quoted: None,
        forwarded: false,
        edited_at: None,
        key,
    })
}
