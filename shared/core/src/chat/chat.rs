//! Chats.

use super::{Address, ChatChange, Message, Person};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A chat of a number, as its own list of chats shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chat {
    /// By what it is kept: see [`Person::address`].
    pub address: Address,
    /// Who it is with; `None` for groups and lists.
    pub with: Option<Person>,
    /// What it is called: the group's subject, or the contact's name in the address book.
    pub name: Option<String>,
    /// When something last happened in it.
    pub last_at: Option<Timestamp>,
    /// How many messages are unread.
    pub unread: u32,
    /// Whether it was marked as unread by hand.
    pub marked_unread: bool,
    /// Whether it is in the archive.
    pub archived: bool,
    /// Since when it is pinned.
    pub pinned_at: Option<Timestamp>,
    /// Whether it makes no sound.
    pub muted: Option<Mute>,
    /// Its latest message.
    pub last: Option<Message>,
}

/// Until when a chat makes no sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mute {
    /// Until it is told otherwise.
    Forever,
    /// Until then.
    Until(Timestamp),
}

impl Chat {
    /// A chat in which nothing has happened.
    pub fn new(address: Address, with: Option<Person>) -> Self {
        Self {
            address,
            with,
            name: None,
            last_at: None,
            unread: 0,
            marked_unread: false,
            archived: false,
            pinned_at: None,
            muted: None,
            last: None,
        }
    }

    /// A chat of which nothing is known but its address.
    pub fn unknown(address: Address) -> Self {
        let with = address.is_person().then(|| Person::from(address.clone()));
        Self::new(address, with)
    }

    /// Brings it up to date with a message that came or was written now. One that does not count (a reaction) changes nothing but
    /// who the chat is with; one that came after a later one counts as unread and does not become the latest.
    pub fn take_in(&mut self, message: &Message, counts: bool) {
        self.learn(message.with.as_ref());
        if !counts {
            return;
        }
        let latest = self.last.as_ref().is_none_or(|last| message.at >= last.at);
        match (message.key.from_me, latest) {
            (false, _) => self.unread += 1,
            (true, true) => (self.unread, self.marked_unread) = (0, false),
            (true, false) => {}
        }
        if latest {
            self.last_at = self.last_at.max(Some(message.at));
            self.last = Some(message.clone());
        }
    }

    /// Changes it. What deletes its messages is for whoever has them.
    pub fn apply(&mut self, change: &ChatChange) {
        match change {
            ChatChange::Archived(archived) => self.archived = *archived,
            ChatChange::Pinned(since) => self.pinned_at = *since,
            ChatChange::Muted(mute) => self.muted = *mute,
            ChatChange::Read => (self.unread, self.marked_unread) = (0, false),
            ChatChange::MarkedUnread => self.marked_unread = true,
            ChatChange::Cleared | ChatChange::Deleted => {
                (self.unread, self.marked_unread, self.last) = (0, false, None);
            }
        }
    }

    /// Takes from history what it does not know itself.
    pub fn fill(&mut self, history: &Chat) {
        self.learn(history.with.as_ref());
        self.name = self.name.take().or_else(|| history.name.clone());
        self.archived |= history.archived;
        self.pinned_at = self.pinned_at.or(history.pinned_at);
        self.muted = self.muted.or(history.muted);
        self.last_at = self.last_at.max(history.last_at);
    }

    fn learn(&mut self, with: Option<&Person>) {
        let knew_lid = self.with.as_ref().is_some_and(|person| person.lid().is_some());
        if let Some(person) = with
            && (self.with.is_none() || (!knew_lid && person.lid().is_some()))
        {
            self.with = Some(person.clone());
        }
    }
}
