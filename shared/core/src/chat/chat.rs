//! Chats.

use super::{Address, Message, Person};
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
}
