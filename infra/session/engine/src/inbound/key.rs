//! Messages that other messages name.

use super::People;
use super::body::{said, unwrapped};
use super::people::address_of;
use carteiro_core::chat::{Address, Message, MessageKey, Quoted};
use carteiro_core::ids::MessageId;
use waproto::whatsapp::{ContextInfo, MessageKey as Named};

/// The message that one by the author of `by` names. What WhatsApp says of direction is said as the author sees it.
pub(crate) fn target(named: &Named, by: &Message, people: &People) -> Option<MessageKey> {
    let id = named.id.as_deref()?.parse().ok()?;
    let chat = by.key.chat.clone();
    let by_author = named.from_me.unwrap_or_default();
    if chat.is_person() {
        return Some(MessageKey { chat, from_me: by_author == by.key.from_me, id, participant: None });
    }
    if by_author {
        return Some(MessageKey { id, ..by.key.clone() });
    }
    let author = named.participant.as_deref().and_then(address_of);
    Some(written_by(chat, id, author, people))
}

/// The message that a key names, as the number itself sees it.
pub(crate) fn named(named: &Named, chat: &Address, people: &People) -> Option<MessageKey> {
    let id = named.id.as_deref()?.parse().ok()?;
    if chat.is_person() || named.from_me.unwrap_or_default() {
        let from_me = named.from_me.unwrap_or_default();
        return Some(MessageKey { chat: chat.clone(), from_me, id, participant: None });
    }
    let author = named.participant.as_deref().and_then(address_of);
    Some(written_by(chat.clone(), id, author, people))
}

/// The key of a message in a group or a list.
pub(crate) fn written_by(
    chat: Address,
    id: MessageId,
    author: Option<Address>,
    people: &People,
) -> MessageKey {
    let author = author.map(|author| people.person(author));
    let from_me = author.as_ref().is_some_and(|author| people.is_me(author));
    let participant = author.filter(|_| !from_me).map(|author| author.address().clone());
    MessageKey { chat, from_me, id, participant }
}

/// What a message answers.
pub(crate) fn quoted(context: &ContextInfo, chat: &Address, people: &People) -> Option<Quoted> {
    let id = context.stanza_id.as_deref()?.parse().ok()?;
    let elsewhere = context.remote_jid.as_deref().and_then(address_of);
    let chat = elsewhere.map_or_else(|| chat.clone(), |other| people.person(other).address().clone());
    let author = context.participant.as_deref().and_then(address_of);
    let mut key = written_by(chat, id, author, people);
    if key.chat.is_person() {
        key.participant = None;
    }
    let body = context.quoted_message.as_option().and_then(|message| said(unwrapped(message)));
    Some(Quoted { key, body: body.map(|said| Box::new(said.body)) })
}
