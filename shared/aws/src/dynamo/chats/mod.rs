//! What numbers have on WhatsApp, in `chats`.
//!
//! | item | pk | sk | `at` |
//! |---|---|---|---|
//! | a chat | `N#<digits>` | `CHAT#<address>` | `<when something last happened, µs, 18 digits>#<address>` |
//! | a person | `N#<digits>` | `PERSON#<address>` | |
//! | whose a LID is | `N#<digits>` | `LID#<lid>` | |
//! | a group | `N#<digits>` | `GROUP#<address>` | |
//! | a message | `M#<digits>#<chat>` | `<o or i>#<participant>#<id>` | `<when, µs, 18 digits>#<sk>` |
//!
//! The local index `by_time` (`pk`, `at`) has everything in it: it is the order of a number's chats and of a chat's messages,
//! read without a second look, and strongly consistent where it must be. Items without `at` are not in it. It limits what
//! one partition holds to 10 GB, some ten million messages of one chat. `at` is unique in its partition, so a cursor is the last one.
//!
//! A chat names its latest message and does not repeat it, so that what becomes of a message is written once. A message ends when
//! its tenant's days are over (`ttl`); its chat stays, by which a number's messages are found, without a latest message then.
//!
//! | access | request | units (a message, a chat of up to 1 KB) |
//! |---|---|---|
//! | add | TransactWriteItems: the message if it is new, its chat | 4 write, and 3 for the index |
//! | add one that is known | the same, refused | 4 write |
//! | add one that came after a later one | the same twice | 8 write, and 3 for the index |
//! | add history | BatchGetItem of chats and messages, BatchWriteItem of what is new, UpdateItem of chats that are known | 1 read and 2 write for each |
//! | acknowledge | UpdateItem for each, conditional | 2 write; 1 where it leads nowhere |
//! | edit | UpdateItem, conditional; twice for what is no text | 2 write; 3 |
//! | revoke, keep media | UpdateItem, conditional | 2 write |
//! | change a chat | UpdateItem | 2 write |
//! | clear, delete a chat | Query, BatchWriteItem for 25 messages, UpdateItem or DeleteItem | 1 read for 4 KB, 2 write for each |
//! | change, add people | BatchGetItem, BatchWriteItem of those that changed | 1 read for each, 1 write for each change |
//! | store a group | PutItem, UpdateItem of its chat | 1 write for 1 KB, about 25 members; 2 |
//! | erase, a page | Query, BatchWriteItem for 25 items | 1 read for 4 KB, 1 or 2 write for each |
//! | chats | Query of `by_time` | 0.5 read for 4 KB, about 12 chats |
//! | chats with their latest messages | the same, a BatchGetItem for 100 chats | the same, and 0.5 read for each |
//! | one chat | GetItem, BatchGetItem | 2 read |
//! | messages | Query of `by_time` | 1 read for 4 KB, about 10 messages |
//! | oldest, one message, one group | Query, GetItem | 1 read for 4 KB |
//! | people, groups | Query | 0.5 read for 4 KB |
//! | these people | BatchGetItem for 100, and another for those behind LIDs | 0.5 read for each |
//! | canonical | GetItem, for LIDs alone | 1 read |

mod change;
mod chat_record;
mod group_record;
mod history;
pub(super) mod keys;
mod live;
mod message_record;
mod page;
mod people;
mod step;

use super::table::{Read, Table};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::chat::{
    Ack, Address, Chat, ChatChange, Contact, ContactChange, Group, Message, MessageKey, StoredMedia,
};
use carteiro_core::ids::MessageId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{ChatReader, ChatWriter, Slice, Stored, Unavailable};
use carteiro_core::retention::RetentionDays;
use jiff::Timestamp;
use keys::{GROUPS, PEOPLE, group_sk, message_sk, messages_pk, number_pk};

/// Chats in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoChats {
    table: Table,
}

impl DynamoChats {
    /// Chats in the table `chats` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

#[async_trait]
impl ChatWriter for DynamoChats {
    async fn add(
        &self,
        number: &Phone,
        message: &Message,
        counts: bool,
        kept: RetentionDays,
    ) -> Result<Stored, Unavailable> {
        self.add_message(number, message, counts, kept).await
    }

    async fn add_history(
        &self,
        number: &Phone,
        chats: &[Chat],
        messages: &[Message],
        kept: RetentionDays,
    ) -> Result<(), Unavailable> {
        self.add_old(number, chats, messages, kept).await
    }

    async fn acknowledge(
        &self,
        number: &Phone,
        chat: &Address,
        ids: &[MessageId],
        ack: Ack,
    ) -> Result<Vec<Message>, Unavailable> {
        self.move_to(number, chat, ids, ack).await
    }

    async fn edit(
        &self,
        number: &Phone,
        key: &MessageKey,
        text: &str,
        at: Timestamp,
    ) -> Result<Option<Message>, Unavailable> {
        self.give_text(number, key, text, at).await
    }

    async fn revoke(&self, number: &Phone, key: &MessageKey) -> Result<Option<Message>, Unavailable> {
        self.empty(number, key).await
    }

    async fn keep_media(
        &self,
        number: &Phone,
        key: &MessageKey,
        stored: &StoredMedia,
    ) -> Result<(), Unavailable> {
        self.note_copy(number, key, stored).await
    }

    async fn change_chat(
        &self,
        number: &Phone,
        chat: &Address,
        change: &ChatChange,
    ) -> Result<(), Unavailable> {
        self.change(number, chat, change).await
    }

    async fn change_contacts(&self, number: &Phone, changes: &[ContactChange]) -> Result<(), Unavailable> {
        let rule = |change: &ContactChange, known: Option<Contact>| {
            let mut contact = known.unwrap_or_else(|| Contact::new(change.person.clone()));
            contact.apply(change);
            contact
        };
        self.change_people(number, changes, |change| &change.person, rule).await
    }

    async fn add_contacts(&self, number: &Phone, contacts: &[Contact]) -> Result<(), Unavailable> {
        let rule = |new: &Contact, known: Option<Contact>| {
            let mut contact = known.unwrap_or_else(|| new.clone());
            contact.fill(new);
            contact
        };
        self.change_people(number, contacts, |contact| &contact.person, rule).await
    }

    async fn put_group(&self, number: &Phone, group: &Group) -> Result<(), Unavailable> {
        self.store_group(number, group).await
    }

    async fn forget_group(&self, number: &Phone, group: &Address) -> Result<(), Unavailable> {
        self.drop_group(number, group).await
    }

    async fn erase(&self, number: &Phone) -> Result<bool, Unavailable> {
        self.erase_page(number).await
    }
}

#[async_trait]
impl ChatReader for DynamoChats {
    async fn chats(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable> {
        self.recent_chats(number, after, limit, false).await
    }

    async fn chats_with_last(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable> {
        self.recent_chats(number, after, limit, true).await
    }

    async fn chat(&self, number: &Phone, chat: &Address) -> Result<Option<Chat>, Unavailable> {
        self.one_chat(number, chat).await
    }

    async fn messages(
        &self,
        number: &Phone,
        chat: &Address,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Message>, Unavailable> {
        self.recent_messages(number, chat, before, limit).await
    }

    async fn oldest(&self, number: &Phone, chat: &Address) -> Result<Option<Message>, Unavailable> {
        self.oldest_message(number, chat).await
    }

    async fn message(&self, number: &Phone, key: &MessageKey) -> Result<Option<Message>, Unavailable> {
        let item = self.table.get(messages_pk(number, &key.chat), message_sk(key), Read::Consistent).await?;
        item.as_ref().map(message_record::message).transpose()
    }

    async fn contacts(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Contact>, Unavailable> {
        self.by_address(number, PEOPLE, after, limit, people::contact).await
    }

    async fn contacts_of(&self, number: &Phone, people: &[Address]) -> Result<Vec<Contact>, Unavailable> {
        self.known_people(number, people).await
    }

    async fn canonical(&self, number: &Phone, address: &Address) -> Result<Address, Unavailable> {
        self.known_as(number, address).await
    }

    async fn groups(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Group>, Unavailable> {
        self.by_address(number, GROUPS, after, limit, group_record::group).await
    }

    async fn group(&self, number: &Phone, group: &Address) -> Result<Option<Group>, Unavailable> {
        let item = self.table.get(number_pk(number), group_sk(group), Read::Consistent).await?;
        item.as_ref().map(group_record::group).transpose()
    }
}
