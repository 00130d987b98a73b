//! What a phone remembers of its account's chats: the messages that it got and wrote, as edits, reactions and
//! revocations have left them. The history of a new companion is made of it.

use std::collections::BTreeMap;

use buffa::Message as _;
use serde::{Deserialize, Serialize};
use waproto::whatsapp::{self as wa, message::protocol_message::Type};

use crate::account::Stored;
use crate::stanza::now;
use crate::told;

/// The chats of one account, by the other's number or by a group's address.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Chronicle {
    pub(crate) chats: BTreeMap<String, Chat>,
}

/// One chat.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Chat {
    /// The oldest first.
    pub(crate) messages: Vec<Remembered>,
    /// How many of the others' messages the account has not read.
    pub(crate) unread: u32,
}

/// A message of a chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(crate) id: String,
    pub(crate) from_me: bool,
    /// The writer's number, in a group.
    pub(crate) author: Option<String>,
    /// The writer's own name, where a history is made of it.
    #[serde(skip)]
    pub(crate) author_name: Option<String>,
    /// Seconds since the epoch.
    pub(crate) at: u64,
    /// The message as it is now, encoded; empty once it was revoked.
    pub(crate) message: Stored,
    pub(crate) revoked: bool,
    pub(crate) starred: bool,
    /// The last receipt that came for it, of one that the account wrote.
    pub(crate) receipt: Receipt,
    /// Who reacted, by number.
    pub(crate) reactions: BTreeMap<String, Reacted>,
}

/// A reaction that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reacted {
    /// The id of the message that brought it.
    pub(crate) id: String,
    pub(crate) emoji: String,
    /// Seconds since the epoch.
    pub(crate) at: u64,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Receipt {
    #[default]
    Sent,
    Delivered,
    Read,
    Played,
}

impl Remembered {
    pub(crate) fn new(id: &str, from_me: bool, at: u64, message: &wa::Message) -> Self {
        Self {
            id: id.to_owned(),
            from_me,
            author: None,
            author_name: None,
            at,
            message: Stored(message.encode_to_vec()),
            revoked: false,
            starred: false,
            receipt: Receipt::default(),
            reactions: BTreeMap::new(),
        }
    }

    /// The message as it is now; an empty one if it was revoked.
    pub(crate) fn message(&self) -> wa::Message {
        wa::Message::decode_from_slice(&self.message.0).unwrap_or_default()
    }
}

impl Chronicle {
    /// Notes what the account wrote to a chat.
    pub(crate) fn wrote(&mut self, own: &str, chat: &str, id: &str, message: &wa::Message) {
        let chat = self.chats.entry(chat.to_owned()).or_default();
        chat.unread = 0;
        if !chat.change(own, id, now(), message) {
            chat.add(Remembered::new(id, true, now(), message));
        }
    }

    /// Notes what somebody else wrote to a chat; the writer's number stands with it in a group.
    pub(crate) fn got(&mut self, chat: &str, author: &str, id: &str, message: &wa::Message) {
        let in_group = chat.ends_with("@g.us");
        let chat = self.chats.entry(chat.to_owned()).or_default();
        if chat.change(author, id, now(), message) || chat.find(id).is_some() {
            return;
        }
        let author = in_group.then(|| author.to_owned());
        chat.add(Remembered { author, ..Remembered::new(id, false, now(), message) });
        chat.unread += 1;
    }

    /// Notes a receipt for a message that the account wrote.
    pub(crate) fn receipted(&mut self, chat: &str, id: &str, kind: &str) {
        let receipt = match kind {
            "delivered" => Receipt::Delivered,
            "read" => Receipt::Read,
            "played" => Receipt::Played,
            _ => return,
        };
        if let Some(message) = self.chats.get_mut(chat).and_then(|chat| chat.find(id)) {
            message.receipt = message.receipt.max(receipt);
        }
    }
}

impl Chat {
    pub(crate) fn find(&mut self, id: &str) -> Option<&mut Remembered> {
        self.messages.iter_mut().rev().find(|message| message.id == id)
    }

    /// Adds a message at its time: what is as old as another comes after it.
    pub(crate) fn add(&mut self, message: Remembered) {
        let place = self.messages.partition_point(|other| other.at <= message.at);
        self.messages.insert(place, message);
    }

    /// Lets a message change the one that it names. False if it is a message of its own.
    pub(crate) fn change(&mut self, author: &str, id: &str, at: u64, message: &wa::Message) -> bool {
        if let Some(reaction) = message.reaction_message.as_option() {
            let target = reaction.key.as_option().and_then(|key| key.id.as_deref());
            let emoji = reaction.text.clone().unwrap_or_default();
            if let Some(target) = target.and_then(|id| self.find(id)) {
                match emoji.is_empty() {
                    true => target.reactions.remove(author),
                    false => {
                        let reacted = Reacted { id: id.to_owned(), emoji, at };
                        target.reactions.insert(author.to_owned(), reacted)
                    }
                };
            }
            return true;
        }
        let Some(protocol) = told::protocol(message) else {
            return !says_something(message);
        };
        let target = protocol.key.as_option().and_then(|key| key.id.as_deref());
        if let Some(target) = target.and_then(|id| self.find(id)) {
            match (protocol.r#type, protocol.edited_message.as_option()) {
                (Some(Type::REVOKE), _) => {
                    target.revoked = true;
                    target.message = Stored(Vec::new());
                }
                (Some(Type::MESSAGE_EDIT), Some(edited)) => target.message = Stored(edited.encode_to_vec()),
                _ => {}
            }
        }
        true
    }
}

/// Whether a message is one that a chat shows: keys for a group, say, are none.
fn says_something(message: &wa::Message) -> bool {
    let silent = wa::Message {
        sender_key_distribution_message: message.sender_key_distribution_message.clone(),
        message_context_info: message.message_context_info.clone(),
        poll_update_message: message.poll_update_message.clone(),
        ..Default::default()
    };
    *message != silent
}

#[cfg(test)]
mod tests {
    use buffa::MessageField;
    use waproto::whatsapp::message as wm;

    use super::*;

    const ANA: &str = "5511999990001";
    const BIA: &str = "5521988880002";

    fn text(text: &str) -> wa::Message {
        wa::Message { conversation: Some(text.to_owned()), ..Default::default() }
    }

    fn key(id: &str) -> MessageField<wa::MessageKey> {
        MessageField::some(wa::MessageKey { id: Some(id.to_owned()), ..Default::default() })
    }

    fn reaction(id: &str, emoji: &str) -> wa::Message {
        let reaction =
            wm::ReactionMessage { key: key(id), text: Some(emoji.to_owned()), ..Default::default() };
        wa::Message { reaction_message: MessageField::some(reaction), ..Default::default() }
    }

    fn protocol(kind: Type, id: &str, edited: Option<wa::Message>) -> wa::Message {
        let protocol = wm::ProtocolMessage {
            r#type: Some(kind),
            key: key(id),
            edited_message: edited.map(MessageField::some).unwrap_or_default(),
            ..Default::default()
        };
        wa::Message { protocol_message: MessageField::some(protocol), ..Default::default() }
    }

    #[test]
    fn changes_are_in_the_message_that_they_change() {
        let mut chronicle = Chronicle::default();
        chronicle.got(BIA, BIA, "1", &text("oi"));
        chronicle.got(BIA, BIA, "1", &text("oi"));
        chronicle.got(BIA, BIA, "2", &text("errado"));
        assert_eq!((chronicle.chats[BIA].messages.len(), chronicle.chats[BIA].unread), (2, 2));
        chronicle.got(BIA, BIA, "3", &protocol(Type::MESSAGE_EDIT, "2", Some(text("certo"))));
        chronicle.wrote(ANA, BIA, "4", &reaction("1", "👍"));
        let chat = &chronicle.chats[BIA];
        assert_eq!((chat.messages.len(), chat.unread), (2, 0));
        assert_eq!(chat.messages[1].message(), text("certo"));
        assert_eq!(chat.messages[0].reactions[ANA].emoji, "👍");
        chronicle.wrote(ANA, BIA, "5", &reaction("1", ""));
        chronicle.got(BIA, BIA, "6", &protocol(Type::REVOKE, "2", None));
        let chat = &chronicle.chats[BIA];
        assert!(chat.messages[0].reactions.is_empty());
        assert!(chat.messages[1].revoked && chat.messages[1].message.0.is_empty());
    }

    #[test]
    fn keys_are_no_message_and_receipts_only_go_up() {
        let mut chronicle = Chronicle::default();
        let keys = wa::Message {
            sender_key_distribution_message: MessageField::some(Default::default()),
            ..Default::default()
        };
        chronicle.got("1@g.us", BIA, "1", &keys);
        assert!(chronicle.chats["1@g.us"].messages.is_empty());
        chronicle.wrote(ANA, BIA, "2", &text("oi"));
        chronicle.receipted(BIA, "2", "read");
        chronicle.receipted(BIA, "2", "delivered");
        assert_eq!(chronicle.chats[BIA].messages[0].receipt, Receipt::Read);
    }
}
