//! What the phone has from before.
//!
//! A BatchWriteItem takes no conditions, so what is there is looked for first. Nothing comes between: all that a number's owner
//! writes, it writes in one order, and the others who write (of files and their copies) change only what is there.

use super::DynamoChats;
use super::chat_record;
use super::keys::{chat_sk, message_sk, messages_pk, micros, number_pk, order};
use super::message_record::{item, person};
use crate::dynamo::item::{Item, at, n, s};
use crate::dynamo::table::Read;
use crate::dynamo::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Address, Chat, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::retention::RetentionDays;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many chats are changed at the same time.
const REQUESTS: usize = 8;

/// The chats that history is about: what it says of each, and the latest of its messages.
fn by_chat<'a>(
    chats: &'a [Chat],
    messages: &'a [Message],
) -> BTreeMap<&'a Address, (Option<Chat>, Option<&'a Message>)> {
    let mut all: BTreeMap<&Address, (Option<Chat>, Option<&Message>)> = BTreeMap::new();
    for chat in chats {
        let (said, _) = all.entry(&chat.address).or_default();
        match said {
            Some(said) => said.fill(chat),
            None => *said = Some(chat.clone()),
        }
    }
    for message in messages {
        let (_, latest) = all.entry(&message.key.chat).or_default();
        if latest.is_none_or(|latest| latest.at < message.at) {
            *latest = Some(message);
        }
    }
    all
}

/// The update that gives a chat what it did not know itself.
fn fill(number: &Phone, known: &Chat, said: &Chat) -> Option<Write> {
    let mut filled = known.clone();
    filled.fill(said);
    let mut values = Vec::new();
    if filled.with != known.with {
        values.extend(filled.with.as_ref().map(|with| ("with", person(with))));
    }
    if filled.name != known.name {
        values.extend(filled.name.as_ref().map(|name| ("name", s(name))));
    }
    if filled.archived != known.archived {
        values.push(("archived", AttributeValue::Bool(filled.archived)));
    }
    if filled.pinned_at != known.pinned_at {
        values.extend(filled.pinned_at.map(|since| ("pinned_at", at(since))));
    }
    if filled.muted != known.muted {
        values.extend(filled.muted.map(|mute| ("muted_until", chat_record::muted(mute))));
    }
    if filled.last_at != known.last_at {
        values.extend(filled.last_at.map(|last| ("last_at", n(micros(last)))));
        values.push(("at", s(order(filled.last_at, &known.address))));
    }
    if values.is_empty() {
        return None;
    }
    let set: Vec<String> = values.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
    let write = Write::update(number_pk(number), chat_sk(&known.address), format!("SET {}", set.join(", ")));
    // Unless something happened in it meanwhile: then history is too late to say when.
    let write = match known.last_at {
        Some(last) => write.when("#last_at = :known").value(":known", n(micros(last))),
        None => write.when("attribute_not_exists(#last_at)"),
    };
    Some(values.into_iter().fold(write, |write, (name, value)| write.value(&format!(":{name}"), value)))
}

/// The update that makes a message a chat's latest one, if it is.
fn latest(number: &Phone, known: Option<i64>, anything: Option<i64>, message: &Message) -> Option<Write> {
    let time = micros(message.at);
    if known.is_some_and(|known| known >= time) {
        return None;
    }
    let moves = anything.is_none_or(|last| last < time);
    let expression = if moves {
        "SET #last = :last, #last_time = :time, #last_at = :time, #at = :at"
    } else {
        "SET #last = :last, #last_time = :time"
    };
    let chat = &message.key.chat;
    let write = Write::update(number_pk(number), chat_sk(chat), expression)
        .when("attribute_not_exists(#last_time) OR #last_time < :time")
        .value(":last", s(message_sk(&message.key)))
        .value(":time", n(time));
    Some(if moves { write.value(":at", s(order(Some(message.at), chat))) } else { write })
}

impl DynamoChats {
    /// Stores what is not there yet: chats first, so that every message has its chat whatever happens.
    pub(super) async fn add_old(
        &self,
        number: &Phone,
        chats: &[Chat],
        messages: &[Message],
        kept: RetentionDays,
    ) -> Result<(), Unavailable> {
        let said = by_chat(chats, messages);
        let keys = said.keys().map(|chat| (number_pk(number), chat_sk(chat)));
        let there = self.table.get_many(keys, Read::Consistent).await?;
        let mut known: HashMap<Address, (Chat, Option<i64>)> = HashMap::with_capacity(there.len());
        for item in &there {
            let chat = chat_record::chat(item)?;
            known.insert(chat.address.clone(), (chat, item.some_number("last_time")?));
        }
        let (mut new, mut updates) = (Vec::new(), Vec::new());
        for (address, (said, last)) in said {
            let Some((known, last_time)) = known.get(address) else {
                let with = last.and_then(|last| last.with.clone());
                let chat = said.unwrap_or_else(|| Chat::new(address.clone(), with));
                new.push(chat_record::item(number, &chat, last));
                continue;
            };
            let last_at = known.last_at.max(said.as_ref().and_then(|said| said.last_at)).map(micros);
            let chat = said.and_then(|said| fill(number, known, &said));
            let last = last.and_then(|last| latest(number, *last_time, last_at, last));
            updates.push([chat, last]);
        }
        self.table.put_many(new).await?;
        let updates: Vec<_> = updates.into_iter().map(|writes| self.in_order(writes)).collect();
        stream::iter(updates).buffer_unordered(REQUESTS).try_collect::<()>().await?;
        self.put_new(number, messages, kept).await
    }

    async fn in_order(&self, writes: [Option<Write>; 2]) -> Result<(), Unavailable> {
        for write in writes.into_iter().flatten() {
            self.table.write(write).await?;
        }
        Ok(())
    }

    /// Stores the messages that are not there.
    async fn put_new(
        &self,
        number: &Phone,
        messages: &[Message],
        kept: RetentionDays,
    ) -> Result<(), Unavailable> {
        let key = |message: &Message| (messages_pk(number, &message.key.chat), message_sk(&message.key));
        let mut keys: HashMap<(String, String), &Message> = HashMap::with_capacity(messages.len());
        for message in messages {
            keys.entry(key(message)).or_insert(message);
        }
        let there = self.table.get_many_of(keys.keys().cloned(), Read::Consistent, Some("#sk")).await?;
        let known = |item: &Item| Ok((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()));
        let known: HashSet<(String, String)> = there.iter().map(known).collect::<Result<_, Unavailable>>()?;
        keys.retain(|key, _| !known.contains(key));
        let items = keys.into_values().map(|message| item(number, message, kept));
        self.table.put_many(items.collect::<Result<_, _>>()?).await
    }
}
