//! The kinds of message, and the files that some of them carry.

mod caption;
mod extension;
mod file_kind;
mod file_name;
mod media_url;
mod prepared;

pub use caption::{Caption, InvalidCaption};
pub use extension::{extension_of, mime_of};
pub use file_kind::FileKind;
pub use file_name::FileName;
pub use media_url::{InvalidMediaUrl, MediaUrl};
pub use prepared::{MediaKey, Prepared, Shape};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a send carries, as `media_type` spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaType {
    /// A text of 1 to 65,536 characters.
    Text,
    /// A picture.
    Image,
    /// A voice note.
    Audio,
    /// Any file.
    Document,
    /// A film.
    Video,
}

impl MediaType {
    /// All of them.
    pub const ALL: [MediaType; 5] =
        [MediaType::Text, MediaType::Image, MediaType::Audio, MediaType::Document, MediaType::Video];

    /// As `media_type` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaType::Text => "text",
            MediaType::Image => "image",
            MediaType::Audio => "audio",
            MediaType::Document => "document",
            MediaType::Video => "video",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was given is none of the media types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of text, image, audio, document, video")]
pub struct InvalidMediaType;

impl FromStr for MediaType {
    type Err = InvalidMediaType;

    fn from_str(text: &str) -> Result<Self, InvalidMediaType> {
        MediaType::ALL.into_iter().find(|m| m.as_str() == text).ok_or(InvalidMediaType)
    }
}
