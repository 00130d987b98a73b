//! Where chats, messages, contacts and groups are kept.

use super::Unavailable;
use crate::chat::{
    Ack, Address, Chat, ChatChange, Contact, ContactChange, Group, Message, MessageKey, StoredMedia,
};
use crate::ids::MessageId;
use crate::phone::Phone;
use crate::retention::RetentionDays;
use async_trait::async_trait;
use jiff::Timestamp;

/// A part of a list. The cursor is opaque here and is bound to its list by whoever hands it to a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice<T> {
    /// What is in it.
    pub items: Vec<T>,
    /// What the next part begins after; `None` at the end.
    pub next: Option<String>,
}

/// What came of storing a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// It is new.
    New,
    /// It was there. What was a ciphertext and now can be read was replaced ([`Stored::New`]).
    Known,
}

/// The session task's side: it writes. All is by the number whose chats they are. Everything is safe to repeat.
#[async_trait]
pub trait ChatWriter: Send + Sync + 'static {
    /// Stores a message that came or was written now, and brings its chat up to date with it, both or neither: see
    /// [`Chat::take_in`]. The chat is made where there was none. A message that is known changes nothing, unless it was a
    /// ciphertext that can be read now: then what it says is put in its place. It is forgotten when its days are over; its chat
    /// stays.
    async fn add(
        &self,
        number: &Phone,
        message: &Message,
        counts: bool,
        kept: RetentionDays,
    ) -> Result<Stored, Unavailable>;

    /// Stores chats and messages from history, in batches: what is there already stays as it is, and a chat takes over what it
    /// did not know ([`Chat::fill`]). Its latest message is the latest of what is now known of it; messages of chats that are
    /// not there make them. Messages are forgotten when their days are over.
    async fn add_history(
        &self,
        number: &Phone,
        chats: &[Chat],
        messages: &[Message],
        kept: RetentionDays,
    ) -> Result<(), Unavailable>;

    /// Moves messages of the number to `ack`, where that leads forward; answers those that are just there now, also those that were before: a
    /// crash, or an answer that was lost, may have come before anybody was told. Ids that are not (yet) stored, and those that are
    /// further already, are left out.
    async fn acknowledge(
        &self,
        number: &Phone,
        chat: &Address,
        ids: &[MessageId],
        ack: Ack,
    ) -> Result<Vec<Message>, Unavailable>;

    /// Gives a message a new text; answers it as it is now, `None` if it is not stored. An older edit than the last changes nothing.
    async fn edit(
        &self,
        number: &Phone,
        key: &MessageKey,
        text: &str,
        at: Timestamp,
    ) -> Result<Option<Message>, Unavailable>;

    /// Empties a message that was deleted for everyone; answers it as it is now, `None` if it is not stored.
    async fn revoke(&self, number: &Phone, key: &MessageKey) -> Result<Option<Message>, Unavailable>;

    /// Notes where our copy of a received file is.
    async fn keep_media(
        &self,
        number: &Phone,
        key: &MessageKey,
        stored: &StoredMedia,
    ) -> Result<(), Unavailable>;

    /// Changes a chat ([`Chat::apply`]); one that is not there is made, unless it was deleted or cleared. Those two delete its
    /// messages.
    async fn change_chat(
        &self,
        number: &Phone,
        chat: &Address,
        change: &ChatChange,
    ) -> Result<(), Unavailable>;

    /// Notes what became known of people ([`Contact::apply`]). Once both addresses of a person are known, what was known under
    /// the LID is kept under the phone number.
    async fn change_contacts(&self, number: &Phone, changes: &[ContactChange]) -> Result<(), Unavailable>;

    /// Stores people from history or from a group: names that are known stay ([`Contact::fill`]).
    async fn add_contacts(&self, number: &Phone, contacts: &[Contact]) -> Result<(), Unavailable>;

    /// Stores what is now known of a group; its chat is called so, and is made where there was none.
    async fn put_group(&self, number: &Phone, group: &Group) -> Result<(), Unavailable>;

    /// Forgets a group that the number has left; its chat stays.
    async fn forget_group(&self, number: &Phone, group: &Address) -> Result<(), Unavailable>;

    /// Deletes everything of a number, page by page; `false` while something is left.
    async fn erase(&self, number: &Phone) -> Result<bool, Unavailable>;
}

/// The side of V1's read routes.
#[async_trait]
pub trait ChatReader: Send + Sync + 'static {
    /// Chats, the most recent first, at most `limit`, each without its latest message. A chat in which something happens while
    /// the list is read moves to its beginning.
    async fn chats(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable>;

    /// The same with their latest messages, each of which is one read more.
    async fn chats_with_last(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Chat>, Unavailable>;

    /// One chat, with its latest message.
    async fn chat(&self, number: &Phone, chat: &Address) -> Result<Option<Chat>, Unavailable>;

    /// Messages of a chat, the latest first, at most `limit`.
    async fn messages(
        &self,
        number: &Phone,
        chat: &Address,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Message>, Unavailable>;

    /// The oldest message of a chat that is stored.
    async fn oldest(&self, number: &Phone, chat: &Address) -> Result<Option<Message>, Unavailable>;

    /// One message.
    async fn message(&self, number: &Phone, key: &MessageKey) -> Result<Option<Message>, Unavailable>;

    /// People, by address, at most `limit`.
    async fn contacts(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Contact>, Unavailable>;

    /// Those of these people that are known, in no order. At most 1,000.
    async fn contacts_of(&self, number: &Phone, people: &[Address]) -> Result<Vec<Contact>, Unavailable>;

    /// The address that a person's chat is kept by: the phone number's of a LID that is known, else the same.
    async fn canonical(&self, number: &Phone, address: &Address) -> Result<Address, Unavailable>;

    /// Groups, by address, at most `limit`.
    async fn groups(
        &self,
        number: &Phone,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<Group>, Unavailable>;

    /// One group.
    async fn group(&self, number: &Phone, group: &Address) -> Result<Option<Group>, Unavailable>;
}
