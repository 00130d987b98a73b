//! What erases a record.

use super::AwsPersonalData;
use super::sends::blank;
use crate::dynamo::backoff;
use crate::dynamo::item::{Item, s};
use crate::dynamo::table::{Table, Written};
use crate::dynamo::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, ObjectParts, Objects, PartsId, Unavailable};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;

/// How many objects are deleted at the same time.
const REQUESTS: usize = 8;

/// A table of those that personal data is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum In {
    Accounts,
    Sends,
    Sessions,
    Chats,
    Webhooks,
}

/// A step that takes something away. Each is safe to repeat.
pub(super) enum Act {
    /// Deletes an item.
    Delete(In, String, String),
    /// Makes a write in `chats`, unless the item is no longer as it was: then it is newer than the erasure.
    ChangeChat(Write),
    /// Makes a write in `sends`, likewise.
    ChangeSend(Write),
    /// Takes out of a send what it says, and to whom; as long as it is not sent, it is cancelled.
    Blank(Item),
    /// Deletes an object.
    Drop(ObjectKey),
    /// Replaces an object.
    Replace(ObjectKey, Bytes),
    /// Gives up an object that is being written.
    Abort(ObjectKey, PartsId),
}

impl Act {
    /// Deletes this item.
    pub(super) fn delete(table: In, item: &Item) -> Result<Self, Unavailable> {
        Ok(Act::Delete(table, item.text("pk")?.to_owned(), item.text("sk")?.to_owned()))
    }
}

/// Keys of items.
type Keys = Vec<(String, String)>;

/// Carries acts out. What is changed comes before what is deleted: a crash in between finds the rest by it.
pub(super) async fn carry_out(data: &AwsPersonalData, acts: Vec<Act>) -> Result<(), Unavailable> {
    let mut deletes: BTreeMap<In, Keys> = BTreeMap::new();
    let mut drops = Vec::new();
    for act in acts {
        match act {
            Act::Delete(table, pk, sk) => deletes.entry(table).or_default().push((pk, sk)),
            Act::Drop(object) => drops.push(object),
            Act::ChangeChat(write) => drop(data.chats.write(write).await?),
            Act::ChangeSend(write) => drop(data.sends.write(write).await?),
            Act::Blank(item) => blank_send(&data.sends, item).await?,
            Act::Replace(object, bytes) => {
                data.objects.put(&object, ObjectBody::Bytes(bytes), "application/json").await?;
            }
            Act::Abort(object, upload) => data.parts.abort(&object, &upload).await?,
        }
    }
    let drops: Vec<_> = drops.iter().map(|object| data.objects.delete(object)).collect();
    stream::iter(drops).buffer_unordered(REQUESTS).try_collect::<()>().await?;
    for (table, mut keys) in deletes {
        keys.sort();
        keys.dedup();
        match table {
            In::Accounts => data.accounts.delete_many(keys).await?,
            In::Sends => data.sends.delete_many(keys).await?,
            In::Sessions => data.sessions.delete_many(keys).await?,
            In::Chats => data.chats.delete_many(keys).await?,
            In::Webhooks => data.webhooks.delete_many(keys).await?,
        }
    }
    Ok(())
}

/// Blanks a send as it is when it is written.
async fn blank_send(table: &Table, mut item: Item) -> Result<(), Unavailable> {
    for attempt in 1..=backoff::ATTEMPTS {
        let seen = item.text("status")?.to_owned();
        let put = Write::put(blank(item)?).when("#status = :seen").value(":seen", s(seen));
        match table.write(put).await? {
            Written::Done(_) | Written::Refused(None) => return Ok(()),
            Written::Refused(Some(newer)) => item = newer,
        }
        backoff::wait(attempt).await;
    }
    Err(Unavailable::new(table.operation("PutItem"), "a send keeps changing"))
}

/// Every text in an item but for the keys of indexes, which name its tenant's own numbers.
pub(super) fn texts(item: &Item) -> Vec<&str> {
    const KEYS: [&str; 4] = ["number_pk", "line_pk", "user_pk", "user_id"];
    let mut texts = Vec::new();
    for (_, value) in item.0.iter().filter(|(name, _)| !KEYS.contains(&name.as_str())) {
        gather(value, &mut texts);
    }
    texts
}

fn gather<'a>(value: &'a AttributeValue, texts: &mut Vec<&'a str>) {
    match value {
        AttributeValue::S(text) => texts.push(text),
        AttributeValue::B(bytes) => texts.extend(std::str::from_utf8(bytes.as_ref())),
        AttributeValue::L(list) => list.iter().for_each(|value| gather(value, texts)),
        AttributeValue::M(map) => map.values().for_each(|value| gather(value, texts)),
        _ => {}
    }
}
