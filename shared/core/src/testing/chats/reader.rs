//! The side that reads.

use super::{MemoryChats, Numbers, Record, name, order};
use crate::chat::{Address, Chat, Contact, Group, Message, MessageKey};
use crate::phone::Phone;
use crate::ports::{ChatReader, Slice, Unavailable};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// A part of what is in order, from after the cursor.
fn slice<T>(ordered: impl Iterator<Item = (String, T)>, limit: usize) -> Slice<T> {
    let mut items = Vec::new();
    let (mut last, mut more) = (None, false);
    for (cursor, item) in ordered {
        if items.len() == limit {
            more = true;
            break;
        }
        items.push(item);
        last = Some(cursor);
    }
    Slice { items, next: last.filter(|_| more) }
}

/// A part of what is in order from the last to the first.
fn latest<T>(mut all: Vec<(String, T)>, before: Option<&str>, limit: usize) -> Slice<T> {
    all.sort_by(|(a, _), (b, _)| b.cmp(a));
    slice(all.into_iter().filter(|(cursor, _)| before.is_none_or(|before| cursor.as_str() < before)), limit)
}

impl MemoryChats {
    fn read<T>(
        &self,
        operation: &str,
        number: &Phone,
        read: impl FnOnce(&Numbers) -> T,
    ) -> Result<T, Unavailable> {
        let numbers = self.lock(operation)?;
        Ok(match numbers.get(number) {
            Some(of) => read(of),
            None => read(&Numbers::default()),
        })
    }

    fn chats_of(
        &self,
        operation: &str,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable> {
        self.read(operation, number, |of| {
            let placed = |chat: &Chat| (order(chat.last_at, &chat.address.to_string()), of.with_last(chat));
            latest(of.chats.values().map(placed).collect(), after, limit)
        })
    }
}

fn by_address<T: Clone>(all: &BTreeMap<Address, T>, after: Option<&str>, limit: usize) -> Slice<T> {
    let mut named: Vec<(String, &T)> =
        all.iter().map(|(address, item)| (address.to_string(), item)).collect();
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    let rest = named.into_iter().filter(|(address, _)| after.is_none_or(|after| address.as_str() > after));
    slice(rest.map(|(address, item)| (address, item.clone())), limit)
}

#[async_trait]
impl ChatReader for MemoryChats {
    async fn chats(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable> {
        let mut slice = self.chats_of("chats", number, after, limit)?;
        slice.items.iter_mut().for_each(|chat| chat.last = None);
        Ok(slice)
    }

    async fn chats_with_last(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable> {
        self.chats_of("chats_with_last", number, after, limit)
    }

    async fn chat(&self, number: &Phone, chat: &Address) -> Result<Option<Chat>, Unavailable> {
        self.read("chat", number, |of| of.chats.get(chat).map(|chat| of.with_last(chat)))
    }

    async fn messages(
        &self,
        number: &Phone,
        chat: &Address,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Message>, Unavailable> {
        self.read("messages", number, |of| {
            let records = of.messages.get(chat).into_iter().flatten();
            let placed =
                |(name, record): (&String, &Record)| (order(Some(record.message.at), name), record.shown());
            latest(records.map(placed).collect(), before, limit)
        })
    }

    async fn oldest(&self, number: &Phone, chat: &Address) -> Result<Option<Message>, Unavailable> {
        self.read("oldest", number, |of| {
            let records = of.messages.get(chat)?.iter();
            records.min_by_key(|(name, record)| order(Some(record.message.at), name)).map(|(_, r)| r.shown())
        })
    }

    async fn message(&self, number: &Phone, key: &MessageKey) -> Result<Option<Message>, Unavailable> {
        self.read("message", number, |of| of.messages.get(&key.chat)?.get(&name(key)).map(Record::shown))
    }

    async fn contacts(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Contact>, Unavailable> {
        self.read("contacts", number, |of| by_address(&of.contacts, after, limit))
    }

    async fn contacts_of(&self, number: &Phone, people: &[Address]) -> Result<Vec<Contact>, Unavailable> {
        self.read("contacts_of", number, |of| {
            let mut known: Vec<Address> = people.iter().map(|address| of.canonical(address)).collect();
            known.sort();
            known.dedup();
            known.iter().filter_map(|address| of.contacts.get(address).cloned()).collect()
        })
    }

    async fn canonical(&self, number: &Phone, address: &Address) -> Result<Address, Unavailable> {
        self.read("canonical", number, |of| of.canonical(address))
    }

    async fn groups(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Group>, Unavailable> {
        self.read("groups", number, |of| by_address(&of.groups, after, limit))
    }

    async fn group(&self, number: &Phone, group: &Address) -> Result<Option<Group>, Unavailable> {
        self.read("group", number, |of| of.groups.get(group).cloned())
    }
}
