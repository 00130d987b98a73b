//! Chats in memory.

mod reader;
mod writer;

use super::Switch;
use crate::chat::{Address, Body, Chat, Contact, Group, Message, MessageKey, StoredMedia};
use crate::phone::Phone;
use crate::ports::Unavailable;
use crate::retention::RetentionDays;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`ChatWriter`](crate::ports::ChatWriter) and [`ChatReader`](crate::ports::ChatReader) in memory.
#[derive(Debug, Default)]
pub struct MemoryChats {
    /// Whether it answers.
    pub switch: Switch,
    numbers: Mutex<BTreeMap<Phone, Numbers>>,
}

/// What one number has.
#[derive(Debug, Default)]
struct Numbers {
    chats: BTreeMap<Address, Chat>,
    messages: BTreeMap<Address, BTreeMap<String, Record>>,
    contacts: BTreeMap<Address, Contact>,
    /// Phone numbers' addresses by LID.
    lids: BTreeMap<Address, Address>,
    groups: BTreeMap<Address, Group>,
}

/// A message with what became of it.
#[derive(Debug, Clone)]
struct Record {
    message: Message,
    edited: Option<(String, Timestamp)>,
    revoked: bool,
    kept_until: Timestamp,
}

impl Record {
    fn new(message: &Message, kept: RetentionDays) -> Self {
        let kept_until = kept.end_of(message.at);
        Self { message: message.clone(), edited: None, revoked: false, kept_until }
    }

    fn shown(&self) -> Message {
        let mut message = self.message.clone();
        if let Some((text, at)) = &self.edited {
            message.edit(text, *at);
        }
        if self.revoked {
            message.revoke();
        }
        message
    }

    fn keep(&mut self, stored: &StoredMedia) {
        if let Body::Media(file) = &mut self.message.body {
            file.stored = Some(stored.clone());
        }
    }
}

/// Names a message within its chat.
fn name(key: &MessageKey) -> String {
    let participant = key.participant.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{}#{participant}#{}", key.from_me, key.id.as_str())
}

/// Sorts by time, and what is of one time by name.
fn order(at: Option<Timestamp>, name: &str) -> String {
    format!("{:018}#{name}", at.map_or(0, |at| at.as_microsecond().max(0)))
}

impl Numbers {
    fn of<'a>(numbers: &'a mut BTreeMap<Phone, Numbers>, number: &Phone) -> &'a mut Self {
        numbers.entry(number.clone()).or_default()
    }

    fn record(&mut self, key: &MessageKey) -> Option<&mut Record> {
        self.messages.get_mut(&key.chat)?.get_mut(&name(key))
    }

    /// A chat's latest message as it is now.
    fn with_last(&self, chat: &Chat) -> Chat {
        let mut chat = chat.clone();
        let record =
            chat.last.as_ref().and_then(|last| self.messages.get(&last.key.chat)?.get(&name(&last.key)));
        chat.last = record.map(Record::shown);
        chat
    }

    /// Learns a person's two addresses, and moves what was known under the LID.
    fn unite(&mut self, contact: &mut Contact) {
        let Some(lid) = contact.person.lid().cloned() else { return };
        if contact.person.address() == &lid {
            return;
        }
        self.lids.insert(lid.clone(), contact.person.address().clone());
        if let Some(known) = self.contacts.remove(&lid) {
            contact.fill(&known);
        }
    }

    /// Who a person is known as.
    fn canonical(&self, address: &Address) -> Address {
        self.lids.get(address).unwrap_or(address).clone()
    }
}

impl MemoryChats {
    fn lock(&self, operation: &str) -> Result<MutexGuard<'_, BTreeMap<Phone, Numbers>>, Unavailable> {
        self.switch.check(operation)?;
        Ok(self.numbers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When a message is forgotten.
    pub fn kept_until(&self, number: &Phone, key: &MessageKey) -> Option<Timestamp> {
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        Some(numbers.get(number)?.messages.get(&key.chat)?.get(&name(key))?.kept_until)
    }

    /// Whether nothing is kept of a number.
    pub fn is_empty(&self, number: &Phone) -> bool {
        !self.numbers.lock().unwrap_or_else(PoisonError::into_inner).contains_key(number)
    }
}
