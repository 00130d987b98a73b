//! What a send carries.

use super::Text;
use crate::ids::UploadId;
use crate::media::{Caption, FileKind, FileName, MediaType, MediaUrl};

/// What a send carries: a text or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(Text),
    /// A file.
    File(File),
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
    /// Its media type.
    pub fn media_type(&self) -> MediaType {
        match self {
            Content::Text(_) => MediaType::Text,
            Content::File(file) => file.kind.media_type(),
        }
    }

    /// What a report shows as the message: the text; for a file its caption, else its name, else nothing.
    pub fn summary(&self) -> &str {
        match self {
            Content::Text(text) => text.as_str(),
            Content::File(File { caption: Some(caption), .. }) => caption.as_str(),
            Content::File(File { name: Some(name), .. }) => name.as_str(),
            Content::File(_) => "",
        }
    }
}
