//! Parts of lists.

use super::DynamoChats;
use super::chat_record::{chat, last_key};
use super::keys::{BY_TIME, chat_sk, message_sk, messages_pk, number_pk};
use super::message_record::message;
use crate::dynamo::item::Item;
use crate::dynamo::table::{Query, Read};
use carteiro_core::chat::{Address, Chat, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Slice, Unavailable};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;

/// How many requests are made at the same time.
const REQUESTS: usize = 5;
/// How many items one request reads by their keys.
const AT_ONCE: usize = 100;
/// Sorts after every address.
const END: &str = "~";

impl DynamoChats {
    /// A part of a partition by time, the latest first, with the cursor after it.
    async fn by_time(
        &self,
        pk: String,
        before: Option<&str>,
        limit: usize,
        read: Read,
    ) -> Result<(Vec<Item>, Option<String>), Unavailable> {
        // One more than is wanted tells whether there is more.
        let query = match before {
            Some(before) => Query::new("#pk = :pk AND #at < :before", read).value(":before", before),
            None => Query::new("#pk = :pk", read),
        };
        let query = query.index(BY_TIME).value(":pk", pk).backwards().limit(limit.saturating_add(1));
        cut(self.table.query(query).await?, limit, "at")
    }

    /// A part of a number's items of one kind, by address.
    pub(super) async fn by_address<T>(
        &self,
        number: &Phone,
        kind: &str,
        after: Option<&str>,
        limit: usize,
        read: impl Fn(&Item) -> Result<T, Unavailable>,
    ) -> Result<Slice<T>, Unavailable> {
        let (from, to) =
            (after.map_or_else(|| kind.to_owned(), |after| format!("{after}!")), format!("{kind}{END}"));
        if !from.starts_with(kind) {
            return Ok(Slice { items: Vec::new(), next: None });
        }
        let query = Query::new("#pk = :pk AND #sk BETWEEN :from AND :to", Read::Eventual)
            .value(":pk", number_pk(number))
            .value(":from", from)
            .value(":to", to)
            .limit(limit.saturating_add(1));
        let (items, next) = cut(self.table.query(query).await?, limit, "sk")?;
        Ok(Slice { items: items.iter().map(read).collect::<Result<_, _>>()?, next })
    }

    /// Chats by time.
    pub(super) async fn recent_chats(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
        with_last: bool,
    ) -> Result<Slice<Chat>, Unavailable> {
        let (items, next) = self.by_time(number_pk(number), after, limit, Read::Eventual).await?;
        let mut chats = items.iter().map(chat).collect::<Result<Vec<_>, _>>()?;
        if with_last {
            self.add_last(number, &items, &mut chats, Read::Eventual).await?;
        }
        Ok(Slice { items: chats, next })
    }

    /// One chat.
    pub(super) async fn one_chat(
        &self,
        number: &Phone,
        address: &Address,
    ) -> Result<Option<Chat>, Unavailable> {
        let item = self.table.get(number_pk(number), chat_sk(address), Read::Consistent).await?;
        let Some(item) = item else { return Ok(None) };
        let mut chats = [chat(&item)?];
        self.add_last(number, std::slice::from_ref(&item), &mut chats, Read::Consistent).await?;
        Ok(chats.into_iter().next())
    }

    /// Reads the latest messages of chats, by several requests at the same time.
    async fn add_last(
        &self,
        number: &Phone,
        items: &[Item],
        chats: &mut [Chat],
        read: Read,
    ) -> Result<(), Unavailable> {
        let mut keys = Vec::new();
        for item in items {
            if let Some(key) = last_key(item)? {
                keys.push((messages_pk(number, &key.chat), message_sk(&key)));
            }
        }
        let requests: Vec<_> =
            keys.chunks(AT_ONCE).map(|keys| self.table.get_many(keys.to_vec(), read)).collect();
        let found: Vec<Vec<Item>> = stream::iter(requests).buffer_unordered(REQUESTS).try_collect().await?;
        let mut last: HashMap<Address, Message> = HashMap::with_capacity(keys.len());
        for item in found.iter().flatten() {
            let message = message(item)?;
            last.insert(message.key.chat.clone(), message);
        }
        for chat in chats {
            chat.last = last.remove(&chat.address);
        }
        Ok(())
    }

    /// Messages by time.
    pub(super) async fn recent_messages(
        &self,
        number: &Phone,
        chat: &Address,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Message>, Unavailable> {
        let (items, next) = self.by_time(messages_pk(number, chat), before, limit, Read::Consistent).await?;
        Ok(Slice { items: items.iter().map(message).collect::<Result<_, _>>()?, next })
    }

    /// The oldest message of a chat.
    pub(super) async fn oldest_message(
        &self,
        number: &Phone,
        chat: &Address,
    ) -> Result<Option<Message>, Unavailable> {
        let query = Query::new("#pk = :pk", Read::Consistent)
            .index(BY_TIME)
            .value(":pk", messages_pk(number, chat))
            .limit(1);
        self.table.query(query).await?.first().map(message).transpose()
    }
}

/// At most `limit`, and the cursor after them if there are more.
fn cut(
    mut items: Vec<Item>,
    limit: usize,
    cursor: &'static str,
) -> Result<(Vec<Item>, Option<String>), Unavailable> {
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|item| item.text(cursor).map(str::to_owned)).transpose()?;
    Ok((items, next))
}
