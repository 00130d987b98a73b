//! What messages say.

use super::{Attachment, AttachmentKind, MessageKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a message says. `Debug` shows its kind only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// A file.
    Media(Attachment),
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// What it is called.
        name: Option<String>,
        /// Where it is.
        address: Option<String>,
        /// Whether it is the sender's place, which moves.
        live: bool,
    },
    /// Contacts, one or more.
    Contacts {
        /// Their cards.
        cards: Vec<Card>,
    },
    /// A poll that begins.
    Poll {
        /// What is asked.
        question: String,
        /// What can be answered.
        options: Vec<String>,
        /// How many answers one may give; 0 for any number.
        selectable: u32,
    },
    /// A reaction to another message.
    Reaction {
        /// The message.
        target: MessageKey,
        /// The reaction; `None` takes it back.
        emoji: Option<String>,
    },
    /// It was deleted for everyone.
    Revoked,
    /// It could not be decrypted (yet).
    Ciphertext,
    /// Something that has no place here, such as an order.
    Other {
        /// What WhatsApp calls it.
        kind: String,
    },
}

/// A contact as a message carries it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Their name.
    pub name: String,
    /// The vCard (RFC 6350, in WhatsApp's version 3.0).
    pub vcard: String,
}

impl Body {
    /// As V1's `type` spells it.
    pub fn v1_type(&self) -> &'static str {
        match self {
            Body::Text { .. } => "chat",
            Body::Media(file) => match file.kind {
                AttachmentKind::Image => "image",
                AttachmentKind::Video => "video",
                AttachmentKind::Voice => "ptt",
                AttachmentKind::Audio => "audio",
                AttachmentKind::Document => "document",
                AttachmentKind::Sticker => "sticker",
            },
            Body::Location { .. } => "location",
            Body::Contacts { cards } if cards.len() == 1 => "vcard",
            Body::Contacts { .. } => "multi_vcard",
            Body::Poll { .. } => "poll_creation",
            Body::Reaction { .. } => "reaction",
            Body::Revoked => "revoked",
            Body::Ciphertext => "ciphertext",
            Body::Other { .. } => "unknown",
        }
    }

    /// Puts a new text, or caption, in the place of the old one; what has neither stays as it is.
    pub fn edit(&mut self, new: &str) {
        match self {
            Body::Text { text } => new.clone_into(text),
            Body::Media(file) => file.caption = Some(new.to_owned()),
            _ => {}
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({})", self.v1_type())
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Card(…)")
    }
}
