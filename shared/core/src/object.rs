//! Names of stored objects.

use crate::ids::{BulkId, ExportId, PrivacyId, SendId, UploadId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The key of an object in the deployment's private bucket. Its first part says how long it is kept (see `infra/data.yaml`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// A file that a tenant uploaded and has not sent yet. It names its tenant, so that no other can send it.
    pub fn upload(user: UserId, id: UploadId) -> Self {
        Self(format!("uploads/{user}/{id}"))
    }

    /// The encrypted file of a send, until it is on WhatsApp.
    pub fn outgoing(send: SendId) -> Self {
        Self(format!("outgoing/{send}"))
    }

    /// A report that was too large for one answer.
    pub fn export(user: UserId, id: ExportId) -> Self {
        Self(format!("exports/{user}/{id}"))
    }

    /// All that is kept of a person or a tenant, written for them.
    pub fn privacy_export(user: UserId, id: PrivacyId) -> Self {
        Self(format!("exports/{user}/{id}"))
    }

    /// Whom a bulk operation sends to, and what, until it is over.
    pub fn bulk(user: UserId, id: BulkId) -> Self {
        Self(format!("bulk/{user}/{id}"))
    }

    /// The copy of a file that a number received. It is named by what it is kept for, by how long (in days, see
    /// [`crate::plan::Retention`]) and by the hash of the message, so that a second copy takes the place of the first.
    pub fn received(days: u16, user: UserId, message_hash: [u8; 32]) -> Self {
        Self(format!("received/{days}/{user}/{}", hex::encode(message_hash)))
    }

    /// A key as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
