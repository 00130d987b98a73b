//! Messages.

use super::{Ack, Body, MessageKey, Person};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A message of a chat. `Debug` shows neither what it says nor the people.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What names it.
    pub key: MessageKey,
    /// When it was written, by WhatsApp's clock, which counts seconds. A fraction keeps the order of those of one second.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: Person,
    /// What its author called themselves.
    pub push_name: Option<String>,
    /// Who the chat is with; `None` in groups and lists.
    pub with: Option<Person>,
    /// How far it is, for one of ours; what was received is [`Ack::Received`] until it was read.
    pub ack: Ack,
    /// What it says.
    pub body: Body,
    /// What it answers.
    pub quoted: Option<Quoted>,
    /// Whether it was forwarded.
    pub forwarded: bool,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
}

/// The message that another one answers, as the answer carries it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Quoted {
    /// What names it.
    pub key: MessageKey,
    /// What it said, as far as the answer repeats it.
    pub body: Option<Box<Body>>,
}

impl Message {
    /// Gives it a new text, or caption, unless a later edit has; what is deleted stays so.
    pub fn edit(&mut self, text: &str, at: Timestamp) {
        if self.body != Body::Revoked && self.edited_at.is_none_or(|edited| edited < at) {
            self.edited_at = Some(at);
            self.body.edit(text);
        }
    }

    /// Takes away what it said.
    pub fn revoke(&mut self) {
        self.body = Body::Revoked;
        self.quoted = None;
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.key.id)
            .field("from_me", &self.key.from_me)
            .field("at", &self.at)
            .field("ack", &self.ack)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quoted({})", self.key.id.as_str())
    }
}
