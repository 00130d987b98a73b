//! A message as an item.

use super::keys::{chat_of_pk, message_key, message_sk, messages_pk, order, time_of};
use crate::dynamo::batch::size;
use crate::dynamo::item::{Damaged, Item, at, n, s, ttl};
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Ack, Address, Body, Message, Person, Quoted};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::retention::RetentionDays;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes of an item, with room for what is added to it later; DynamoDB takes 400 KB.
const MAX_BYTES: usize = 380_000;

/// Attributes that hold what the message says. A text is apart, so that an edit can take its place whatever its length; the
/// text that an edit gives anything else is in `edited`.
pub(super) const SAYS: &str = "#text, #body, #quoted, #edited, #stored, #ciphertext";

/// Something as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<AttributeValue, Unavailable> {
    let text = serde_json::to_string(value)
        .map_err(|e| Unavailable::lasting("writing an item", format!("{:?}", e.classify())))?;
    Ok(s(text))
}

/// Reads JSON; absent is none.
pub(super) fn read_json<T: DeserializeOwned>(item: &Item, name: &'static str) -> Result<Option<T>, Damaged> {
    item.some(name, |text| serde_json::from_str(text).ok())
}

/// A person: the address that they are kept by, and their LID where it is another.
pub(super) fn person(person: &Person) -> AttributeValue {
    match person.lid().filter(|lid| *lid != person.address()) {
        Some(lid) => s(format!("{},{lid}", person.address())),
        None => s(person.address().to_string()),
    }
}

/// Reads what [`person`] wrote.
pub(super) fn read_person(text: &str) -> Option<Person> {
    match text.split_once(',') {
        Some((address, lid)) => Some(Person::new(address.parse().ok()?, Some(lid.parse().ok()?))),
        None => Some(Person::from(text.parse::<Address>().ok()?)),
    }
}

/// A message that is not stored yet.
pub(super) fn item(number: &Phone, message: &Message, kept: RetentionDays) -> Result<Item, Unavailable> {
    let sk = message_sk(&message.key);
    let item = Item::new(messages_pk(number, &message.key.chat), &sk)
        .with("at", s(order(Some(message.at), &sk)))
        .with("ack", n(message.ack.number()))
        .with("author", person(&message.author))
        .with_some("push_name", message.push_name.as_ref().map(s))
        .with_some("with", message.with.as_ref().map(person))
        .with_some("forwarded", message.forwarded.then_some(AttributeValue::Bool(true)))
        .with_some("edited_at", message.edited_at.map(at))
        .with("ttl", ttl(kept.end_of(message.at)));
    let mut item = with_body(item, &message.body)?;
    if let Some(quoted) = &message.quoted {
        let whole = json(quoted)?;
        let room = MAX_BYTES.saturating_sub(size(&item.0));
        let fits = whole.as_s().is_ok_and(|text| text.len() <= room);
        let quoted = if fits { whole } else { json(&Quoted { body: None, ..quoted.clone() })? };
        item = item.with("quoted", quoted);
    }
    Ok(item)
}

/// Adds what a message says. What fits no item is cut, a text, or is only named.
fn with_body(item: Item, body: &Body) -> Result<Item, Unavailable> {
    Ok(match body {
        Body::Text { text } => item.with("text", s(cut(text, usize::MAX))),
        Body::Ciphertext => item.with("ciphertext", AttributeValue::Bool(true)),
        Body::Revoked => item.with("revoked", AttributeValue::Bool(true)),
        body => {
            let whole = json(body)?;
            let fits = whole.as_s().is_ok_and(|text| text.len() <= MAX_BYTES);
            let body = if fits { whole } else { json(&Body::Other { kind: body.v1_type().to_owned() })? };
            item.with("body", body)
        }
    })
}

/// As much of a text as fits an item, and so many bytes.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=text.len().min(MAX_BYTES).min(most)).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// Reads a message.
pub(super) fn message(item: &Item) -> Result<Message, Unavailable> {
    let chat = item.one("pk", chat_of_pk)?;
    let mut message = Message {
        key: item.one("sk", |sk| message_key(chat, sk))?,
        at: item.one("at", time_of)?,
        author: item.one("author", read_person)?,
        push_name: item.some("push_name", |text| Some(text.to_owned()))?,
        with: item.some("with", read_person)?,
        ack: Ack::try_from(item.number::<i8>("ack")?).map_err(|_| Damaged("ack"))?,
        body: body(item)?,
        quoted: read_json(item, "quoted")?,
        forwarded: item.flag("forwarded")?,
        edited_at: item.some_time("edited_at")?,
    };
    if let Body::Media(file) = &mut message.body {
        file.stored = read_json(item, "stored")?.or(file.stored.take());
    }
    if let Some(text) = item.some("edited", |text| Some(text.to_owned()))? {
        message.body.edit(&text);
    }
    Ok(message)
}

fn body(item: &Item) -> Result<Body, Damaged> {
    if item.flag("revoked")? {
        return Ok(Body::Revoked);
    }
    if item.flag("ciphertext")? {
        return Ok(Body::Ciphertext);
    }
    match item.some("text", |text| Some(text.to_owned()))? {
        Some(text) => Ok(Body::Text { text }),
        None => read_json(item, "body")?.ok_or(Damaged("body")),
    }
}
