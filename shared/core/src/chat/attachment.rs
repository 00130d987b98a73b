//! Files in messages.

use crate::media::{FileKind, MediaKey};
use crate::object::ObjectKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a file in a message is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A film, or a moving picture without sound.
    Video,
    /// A voice note.
    Voice,
    /// A sound file.
    Audio,
    /// Any file.
    Document,
    /// A sticker.
    Sticker,
}

impl AttachmentKind {
    /// As what it is encrypted: WhatsApp has four kinds of keys.
    pub fn encrypted_as(self) -> FileKind {
        match self {
            AttachmentKind::Image | AttachmentKind::Sticker => FileKind::Image,
            AttachmentKind::Video => FileKind::Video,
            AttachmentKind::Voice | AttachmentKind::Audio => FileKind::Audio,
            AttachmentKind::Document => FileKind::Document,
        }
    }
}

/// A file in a message: where WhatsApp keeps its ciphertext, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// As what it is shown.
    pub kind: AttachmentKind,
    /// Its media type, as the sender said.
    pub mime: String,
    /// The text under it.
    pub caption: Option<String>,
    /// What it is called.
    pub file_name: Option<String>,
    /// Its length in bytes, as the sender said.
    pub length: Option<u64>,
    /// How long it plays.
    pub seconds: Option<u32>,
    /// Its width in pixels.
    pub width: Option<u32>,
    /// Its height in pixels.
    pub height: Option<u32>,
    /// What opens it; `None` where the sender gave none.
    pub key: Option<MediaKey>,
    /// Its path on WhatsApp's media servers, with a query that lasts some weeks.
    pub direct_path: Option<String>,
    /// SHA-256 of the file.
    pub sha256: Option<[u8; 32]>,
    /// SHA-256 of the ciphertext.
    pub encrypted_sha256: Option<[u8; 32]>,
    /// The copy of our own, once it was made.
    pub stored: Option<StoredMedia>,
}

/// A copy of a received file, in the deployment's private bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMedia {
    /// The object.
    pub object: ObjectKey,
    /// Its length in bytes.
    pub length: u64,
    /// From when on it may be deleted.
    pub expires_at: Timestamp,
}
