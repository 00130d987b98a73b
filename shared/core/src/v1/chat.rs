//! Chats.

use super::{Contact, GroupMetadata, Id, Message, People};
use crate::chat::{self, Address, Group, Mute, Server};
use crate::phone::Phone;
use jiff::Timestamp;
use serde::Serialize;

/// A chat as V1's `Chat`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    /// Its address.
    pub id: Id,
    /// When something last happened in it, in Unix seconds.
    pub t: Option<i64>,
    /// How many messages are unread; -1 when it was marked as unread by hand.
    pub unread_count: i64,
    /// Whether it is in the archive.
    pub archive: bool,
    /// Until when it makes no sound, in Unix seconds; 0 when it does, -1 until it is told otherwise.
    pub mute_expiration: i64,
    /// What it is called: the name in the address book, the group's subject.
    pub name: Option<String>,
    /// Since when it is pinned, in Unix seconds; 0 when it is not.
    pub pin: i64,
    /// `chat`, `group`, `broadcast` or `newsletter`.
    pub kind: &'static str,
    /// Whether it is a group.
    pub is_group: bool,
    /// Whether it is a broadcast list.
    pub is_broadcast: bool,
    /// Whether it is with a person.
    pub is_user: bool,
    /// Who it is with.
    pub contact: Contact,
    /// The group.
    pub group_metadata: Option<GroupMetadata>,
    /// Always null: it is asked for by `/chatonline`.
    pub presence: Option<()>,
    /// Its messages, oldest first, where they were asked for.
    pub msgs: Option<Vec<Message>>,
}

impl Chat {
    /// A chat of the number `me`; `group` is what is known of it where it is a group.
    pub fn new(chat: &chat::Chat, group: Option<&Group>, me: &Phone, people: &People) -> Self {
        let address = &chat.address;
        let contact = match (&chat.with, address.is_person()) {
            (Some(person), _) => Contact::of(person, None, me, people),
            (None, true) => Contact::of(&address.clone().into(), None, me, people),
            (None, false) => {
                let subject = group.map(|group| group.subject.as_str()).or(chat.name.as_deref());
                Contact::of_many(address, subject, me)
            }
        };
        let name = match group {
            Some(group) => Some(group.subject.clone()),
            None => contact.name.clone().or_else(|| chat.name.clone()).or_else(|| contact.pushname.clone()),
        };
        Self {
            id: address.into(),
            t: chat.last_at.map(Timestamp::as_second),
            unread_count: if chat.marked_unread && chat.unread == 0 { -1 } else { chat.unread.into() },
            archive: chat.archived,
            mute_expiration: match chat.muted {
                None => 0,
                Some(Mute::Forever) => -1,
                Some(Mute::Until(end)) => end.as_second(),
            },
            name,
            pin: chat.pinned_at.map_or(0, Timestamp::as_second),
            kind: kind(address),
            is_group: address.is_group(),
            is_broadcast: address.server() == Server::Broadcast,
            is_user: address.is_person(),
            contact,
            group_metadata: group.map(GroupMetadata::from),
            presence: None,
            msgs: None,
        }
    }

    /// With these messages, oldest first.
    #[must_use]
    pub fn with_messages(self, messages: Vec<Message>) -> Self {
        Self { msgs: Some(messages), ..self }
    }
}

fn kind(address: &Address) -> &'static str {
    match address.server() {
        Server::Person | Server::Lid => "chat",
        Server::Group => "group",
        Server::Broadcast => "broadcast",
        Server::Newsletter => "newsletter",
    }
}
