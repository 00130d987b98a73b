//! What a send carries.

use super::{ContactCard, Text};
use crate::chat::{AttachmentKind, Body, Message, MessageKey};
use crate::ids::UploadId;
use crate::media::{Caption, FileKind, FileName, MediaType, MediaUrl};

/// What a send carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(Text),
    /// A file.
    File(File),
    /// A contact.
    Contact(ContactCard),
    /// A message that is stored, sent on.
    Forward(Forward),
}

/// A stored message to send on. What it says is read when it is sent; its file is not uploaded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The message.
    pub key: MessageKey,
    /// As what it counts for the plan: see [`Forward::of`].
    pub media: MediaType,
}

impl Forward {
    /// The message, to be sent on; `None` where it cannot be. Texts, places and contacts count as texts, stickers as images,
    /// sound files as voice notes, and other files as what they are.
    pub fn of(message: &Message) -> Option<Self> {
        Some(Self { key: message.key.clone(), media: forwarded_as(&message.body)? })
    }
}

/// As which media type a message is sent on; `None` where it cannot be.
fn forwarded_as(body: &Body) -> Option<MediaType> {
    match body {
        Body::Text { .. } | Body::Location { .. } | Body::Contacts { .. } => Some(MediaType::Text),
        // Without these WhatsApp's servers do not have it, or nobody can open it.
        Body::Media(file) if file.key.is_none() || file.direct_path.is_none() => None,
        Body::Media(file) => Some(match file.kind {
            AttachmentKind::Image | AttachmentKind::Sticker => MediaType::Image,
            AttachmentKind::Video => MediaType::Video,
            AttachmentKind::Voice | AttachmentKind::Audio => MediaType::Audio,
            AttachmentKind::Document => MediaType::Document,
        }),
        Body::Poll { .. } | Body::Reaction { .. } | Body::Revoked | Body::Ciphertext | Body::Other { .. } => {
            None
        }
    }
}

/// A file to send: where it is to be had from, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// As what it is sent.
    pub kind: FileKind,
    /// Where it is.
    pub source: Source,
    /// The text under it. A voice note has none on WhatsApp; it stands in the report only.
    pub caption: Option<Caption>,
    /// What it is called, where a client said so.
    pub name: Option<FileName>,
}

/// Where a file to send is to be had from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Fetched from an address.
    Url(MediaUrl),
    /// Uploaded by the tenant.
    Upload(UploadId),
}

impl Content {
    /// Its media type, by which a plan permits it. A contact counts as a text.
    pub fn media_type(&self) -> MediaType {
        match self {
            Content::Text(_) | Content::Contact(_) => MediaType::Text,
            Content::File(file) => file.kind.media_type(),
            Content::Forward(forward) => forward.media,
        }
    }

    /// What a report shows as the message: the text; for a file its caption, else its name, else nothing; a contact's name; nothing
    /// for what is sent on.
    pub fn summary(&self) -> &str {
        match self {
            Content::Text(text) => text.as_str(),
            Content::File(File { caption: Some(caption), .. }) => caption.as_str(),
            Content::File(File { name: Some(name), .. }) => name.as_str(),
            Content::Contact(card) => card.name(),
            Content::File(_) | Content::Forward(_) => "",
        }
    }
}
