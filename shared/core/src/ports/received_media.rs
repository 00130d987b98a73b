//! Copying the files of received messages.

use super::Unavailable;
use crate::chat::Attachment;
use crate::object::ObjectKey;
use async_trait::async_trait;
use std::fmt;

/// The longest file that is copied, in bytes: 100 MB, what WhatsApp took for a document before it took 2 GB.
pub const MAX_RECEIVED_BYTES: u64 = 100 * 1024 * 1024;

/// Why a file cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The message does not say where it is, or what opens it.
    Nameless,
    /// WhatsApp's servers no longer have it; the sender's phone might.
    Gone,
    /// It is not what the message says it is, or is damaged.
    Damaged,
    /// It is longer than [`MAX_RECEIVED_BYTES`].
    TooLarge,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lost::Nameless => "the message does not say where its file is",
            Lost::Gone => "the file is gone from WhatsApp's servers",
            Lost::Damaged => "the file is damaged",
            Lost::TooLarge => "the file is too large",
        })
    }
}

/// Why a file was not copied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// It never will be.
    #[error("{0}")]
    Lost(Lost),
    /// WhatsApp's servers or a store of ours did not answer. Trying again may help.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Copies received files.
#[async_trait]
pub trait MediaCopier: Send + Sync + 'static {
    /// Fetches a file from WhatsApp's media servers, decrypts and checks it, stores it as `object` and answers its length in
    /// bytes. Safe to repeat.
    async fn copy(&self, file: &Attachment, object: &ObjectKey) -> Result<u64, CopyError>;
}
