//! What changes in what a number has.

use super::{Ack, Address, Chat, Contact, Group, Message, MessageKey, Mute, Person};
use crate::ids::MessageId;
use jiff::Timestamp;

/// Something that WhatsApp told a session, in the order in which it was told. `Debug` shows neither texts nor names.
#[derive(Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "most updates are messages")]
pub enum Update {
    /// A message that came now, or that one of the number's other devices wrote.
    Message(Message),
    /// What the phone has from before the session was paired: a part of it, in any order. What is known already stays.
    History {
        /// Chats as the phone shows them, without `last`.
        chats: Vec<Chat>,
        /// Messages.
        messages: Vec<Message>,
        /// People, as far as the phone names them.
        contacts: Vec<Contact>,
    },
    /// A message was edited: its new text.
    Edited {
        /// Which.
        key: MessageKey,
        /// The new text, or caption.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// A message was deleted for everyone.
    Revoked {
        /// Which.
        key: MessageKey,
        /// When.
        at: Timestamp,
    },
    /// Messages of the number came further.
    Acked {
        /// The chat.
        chat: Address,
        /// Which.
        ids: Vec<MessageId>,
        /// How far. In a group, one member's device is enough.
        ack: Ack,
        /// When.
        at: Timestamp,
    },
    /// Something became known of a person.
    Contact(ContactChange),
    /// A chat was changed on the phone or on another device.
    Chat {
        /// Which.
        chat: Address,
        /// What changed.
        change: ChatChange,
    },
    /// What is now known of a group that the number is in.
    Group(Group),
    /// The number is no longer in a group.
    GroupLeft(Address),
}

/// What became known of a person; what is `None` is as it was.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactChange {
    /// Who.
    pub person: Person,
    /// What the address book calls them: `Some(None)` when they were taken out of it.
    pub name: Option<Option<String>>,
    /// What they call themselves.
    pub push_name: Option<String>,
    /// The name of a business that WhatsApp has verified.
    pub verified_name: Option<String>,
}

impl std::fmt::Debug for Update {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Update::Message(message) => message.fmt(f),
            Update::History { chats, messages, contacts } => f
                .debug_struct("History")
                .field("chats", &chats.len())
                .field("messages", &messages.len())
                .field("contacts", &contacts.len())
                .finish(),
            Update::Edited { key, at, .. } => {
                f.debug_struct("Edited").field("id", &key.id).field("at", at).finish_non_exhaustive()
            }
            Update::Revoked { key, at } => {
                f.debug_struct("Revoked").field("id", &key.id).field("at", at).finish_non_exhaustive()
            }
            Update::Acked { ids, ack, at, .. } => f
                .debug_struct("Acked")
                .field("ids", ids)
                .field("ack", ack)
                .field("at", at)
                .finish_non_exhaustive(),
            Update::Contact(change) => change.fmt(f),
            Update::Chat { chat, change } => {
                f.debug_struct("Chat").field("chat", chat).field("change", change).finish()
            }
            Update::Group(group) => {
                f.debug_struct("Group").field("address", &group.address).finish_non_exhaustive()
            }
            Update::GroupLeft(group) => f.debug_tuple("GroupLeft").field(group).finish(),
        }
    }
}

impl std::fmt::Debug for ContactChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactChange").field("person", &self.person).finish_non_exhaustive()
    }
}

/// What changed in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatChange {
    /// It went into the archive, or came out.
    Archived(bool),
    /// It was pinned then, or no longer is.
    Pinned(Option<Timestamp>),
    /// It makes no sound, or does again.
    Muted(Option<Mute>),
    /// It was read, up to now.
    Read,
    /// It was marked as unread by hand.
    MarkedUnread,
    /// Its messages were deleted.
    Cleared,
    /// It was deleted.
    Deleted,
}
