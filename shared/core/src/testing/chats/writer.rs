//! The side that writes.

use super::{MemoryChats, Numbers, Record, name};
use crate::chat::{
    Ack, Address, Body, Chat, ChatChange, Contact, ContactChange, Group, Message, MessageKey, StoredMedia,
};
use crate::ids::MessageId;
use crate::phone::Phone;
use crate::ports::{ChatWriter, Stored, Unavailable};
use crate::retention::RetentionDays;
use async_trait::async_trait;
use jiff::Timestamp;

#[async_trait]
impl ChatWriter for MemoryChats {
    async fn add(
        &self,
        number: &Phone,
        message: &Message,
        counts: bool,
        kept: RetentionDays,
    ) -> Result<Stored, Unavailable> {
        let mut numbers = self.lock("add")?;
        let of = Numbers::of(&mut numbers, number);
        let messages = of.messages.entry(message.key.chat.clone()).or_default();
        if let Some(record) = messages.get_mut(&name(&message.key)) {
            let readable = record.message.body == Body::Ciphertext && message.body != Body::Ciphertext;
            if !readable || record.revoked {
                return Ok(Stored::Known);
            }
            record.message.body = message.body.clone();
            record.message.quoted.clone_from(&message.quoted);
            record.message.forwarded = message.forwarded;
            return Ok(Stored::New);
        }
        messages.insert(name(&message.key), Record::new(message, kept));
        let chat = message.key.chat.clone();
        let chat = of.chats.entry(chat.clone()).or_insert_with(|| Chat::unknown(chat));
        chat.take_in(message, counts);
        Ok(Stored::New)
    }

    async fn add_history(
        &self,
        number: &Phone,
        chats: &[Chat],
        messages: &[Message],
        kept: RetentionDays,
    ) -> Result<(), Unavailable> {
        let mut numbers = self.lock("add_history")?;
        let of = Numbers::of(&mut numbers, number);
        for chat in chats {
            let new = Chat { last: None, ..chat.clone() };
            of.chats.entry(chat.address.clone()).and_modify(|known| known.fill(chat)).or_insert(new);
        }
        for message in messages {
            let known = of.messages.entry(message.key.chat.clone()).or_default();
            known.entry(name(&message.key)).or_insert_with(|| Record::new(message, kept));
            let address = message.key.chat.clone();
            let chat =
                of.chats.entry(address.clone()).or_insert_with(|| Chat::new(address, message.with.clone()));
            if chat.last.as_ref().is_none_or(|last| last.at < message.at) {
                chat.last = Some(message.clone());
                chat.last_at = chat.last_at.max(Some(message.at));
            }
        }
        Ok(())
    }

    async fn acknowledge(
        &self,
        number: &Phone,
        chat: &Address,
        ids: &[MessageId],
        ack: Ack,
    ) -> Result<Vec<Message>, Unavailable> {
        let mut numbers = self.lock("acknowledge")?;
        let of = Numbers::of(&mut numbers, number);
        let mut moved = Vec::new();
        for id in ids {
            let key = MessageKey::ours(chat.clone(), id.clone());
            let Some(record) = of.record(&key) else { continue };
            if record.message.ack.leads_to(ack) {
                record.message.ack = ack;
            }
            if record.message.ack == ack {
                moved.push(record.shown());
            }
        }
        Ok(moved)
    }

    async fn edit(
        &self,
        number: &Phone,
        key: &MessageKey,
        text: &str,
        at: Timestamp,
    ) -> Result<Option<Message>, Unavailable> {
        let mut numbers = self.lock("edit")?;
        let Some(record) = Numbers::of(&mut numbers, number).record(key) else { return Ok(None) };
        if record.edited.as_ref().is_none_or(|(_, edited)| *edited < at) && !record.revoked {
            record.edited = Some((text.to_owned(), at));
        }
        Ok(Some(record.shown()))
    }

    async fn revoke(&self, number: &Phone, key: &MessageKey) -> Result<Option<Message>, Unavailable> {
        let mut numbers = self.lock("revoke")?;
        let Some(record) = Numbers::of(&mut numbers, number).record(key) else { return Ok(None) };
        record.revoked = true;
        Ok(Some(record.shown()))
    }

    async fn keep_media(
        &self,
        number: &Phone,
        key: &MessageKey,
        stored: &StoredMedia,
    ) -> Result<(), Unavailable> {
        let mut numbers = self.lock("keep_media")?;
        if let Some(record) = Numbers::of(&mut numbers, number).record(key) {
            record.keep(stored);
        }
        Ok(())
    }

    async fn change_chat(
        &self,
        number: &Phone,
        chat: &Address,
        change: &ChatChange,
    ) -> Result<(), Unavailable> {
        let mut numbers = self.lock("change_chat")?;
        let of = Numbers::of(&mut numbers, number);
        match change {
            ChatChange::Deleted => {
                of.messages.remove(chat);
                of.chats.remove(chat);
            }
            ChatChange::Cleared => {
                of.messages.remove(chat);
                if let Some(chat) = of.chats.get_mut(chat) {
                    chat.apply(change);
                }
            }
            _ => of.chats.entry(chat.clone()).or_insert_with(|| Chat::unknown(chat.clone())).apply(change),
        }
        Ok(())
    }

    async fn change_contacts(&self, number: &Phone, changes: &[ContactChange]) -> Result<(), Unavailable> {
        let mut numbers = self.lock("change_contacts")?;
        let of = Numbers::of(&mut numbers, number);
        for change in changes {
            let address = of.canonical(change.person.address());
            let mut contact =
                of.contacts.remove(&address).unwrap_or_else(|| Contact::new(change.person.clone()));
            contact.apply(change);
            of.unite(&mut contact);
            of.contacts.insert(contact.person.address().clone(), contact);
        }
        Ok(())
    }

    async fn add_contacts(&self, number: &Phone, contacts: &[Contact]) -> Result<(), Unavailable> {
        let mut numbers = self.lock("add_contacts")?;
        let of = Numbers::of(&mut numbers, number);
        for contact in contacts {
            let address = of.canonical(contact.person.address());
            let mut known = of.contacts.remove(&address).unwrap_or_else(|| contact.clone());
            known.fill(contact);
            of.unite(&mut known);
            of.contacts.insert(known.person.address().clone(), known);
        }
        Ok(())
    }

    async fn put_group(&self, number: &Phone, group: &Group) -> Result<(), Unavailable> {
        let mut numbers = self.lock("put_group")?;
        let of = Numbers::of(&mut numbers, number);
        of.groups.insert(group.address.clone(), group.clone());
        let chat = of.chats.entry(group.address.clone());
        chat.or_insert_with(|| Chat::unknown(group.address.clone())).name = Some(group.subject.clone());
        Ok(())
    }

    async fn forget_group(&self, number: &Phone, group: &Address) -> Result<(), Unavailable> {
        let mut numbers = self.lock("forget_group")?;
        Numbers::of(&mut numbers, number).groups.remove(group);
        Ok(())
    }

    async fn erase(&self, number: &Phone) -> Result<bool, Unavailable> {
        self.lock("erase")?.remove(number);
        Ok(true)
    }
}
