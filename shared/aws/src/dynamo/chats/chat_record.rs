//! A chat as an item.

use super::keys::{address_in, chat_sk, message_key, message_sk, micros, number_pk, order};
use super::message_record::{person, read_person};
use crate::dynamo::item::{Item, at, n, s};
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Chat, Message, MessageKey, Mute};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;

/// What `muted_until` says for ever.
pub(super) const FOREVER: i64 = -1;

/// Until when a chat makes no sound, in microseconds.
pub(super) fn muted(mute: Mute) -> AttributeValue {
    match mute {
        Mute::Forever => n(FOREVER),
        Mute::Until(until) => at(until),
    }
}

/// A chat that is not stored yet, with its latest message.
pub(super) fn item(number: &Phone, chat: &Chat, last: Option<&Message>) -> Item {
    let last_at = chat.last_at.max(last.map(|last| last.at));
    let flag = |set: bool| set.then_some(AttributeValue::Bool(true));
    Item::new(number_pk(number), chat_sk(&chat.address))
        .with("at", s(order(last_at, &chat.address)))
        .with_some("with", chat.with.as_ref().map(person))
        .with_some("name", chat.name.as_ref().map(s))
        .with_some("last_at", last_at.map(|at| n(micros(at))))
        .with_some("last", last.map(|last| s(message_sk(&last.key))))
        .with_some("last_time", last.map(|last| n(micros(last.at))))
        .with("unread", n(chat.unread))
        .with_some("marked_unread", flag(chat.marked_unread))
        .with_some("archived", flag(chat.archived))
        .with_some("pinned_at", chat.pinned_at.map(at))
        .with_some("muted_until", chat.muted.map(muted))
}

/// Reads a chat, without its latest message.
pub(super) fn chat(item: &Item) -> Result<Chat, Unavailable> {
    let muted = match item.some_number::<i64>("muted_until")? {
        None => None,
        Some(FOREVER) => Some(Mute::Forever),
        Some(_) => Some(Mute::Until(item.time("muted_until")?)),
    };
    Ok(Chat {
        address: item.one("sk", address_in)?,
        with: item.some("with", read_person)?,
        name: item.some("name", |name| Some(name.to_owned()))?,
        last_at: item.some_time("last_at")?,
        unread: item.some_number("unread")?.unwrap_or(0),
        marked_unread: item.flag("marked_unread")?,
        archived: item.flag("archived")?,
        pinned_at: item.some_time("pinned_at")?,
        muted,
        last: None,
    })
}

/// The key of a chat's latest message.
pub(super) fn last_key(item: &Item) -> Result<Option<MessageKey>, Unavailable> {
    let chat = item.one("sk", address_in)?;
    Ok(item.some("last", |sk| message_key(chat, sk))?)
}
