//! Identifiers.

mod derived;
mod idempotency_key;
mod message_id;

pub use idempotency_key::IdempotencyKey;
pub use message_id::MessageId;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// What was given is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from 16 random bytes.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The id of these bytes, as [`Self::as_bytes`] gave them.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Its bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(bytes: [u8; 16]) -> Self {
                Self::from_bytes(bytes)
            }
        }

        impl From<$name> for [u8; 16] {
            fn from(id: $name) -> Self {
                *id.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

uuid_id!(
    /// A tenant: one account of the API.
    UserId
);
uuid_id!(
    /// One message to send. Given by us, or derived from the tenant and its `Idempotency-Key`.
    SendId
);

uuid_id!(
    /// A file that a tenant uploaded, to be sent.
    UploadId
);
uuid_id!(
    /// A report that is written in the background.
    ExportId
);
uuid_id!(
    /// An export of personal data, or its erasure.
    PrivacyId
);
uuid_id!(
    /// One thing that the operator did.
    AuditId
);
uuid_id!(
    /// One request to send a text to many.
    BulkId
);
uuid_id!(
    /// An API token of a tenant, by which it is listed and revoked; it is no secret.
    TokenId
);

uuid_id!(
    /// A question to a session, by which its answer is found.
    QueryId
);
uuid_id!(
    /// One pairing of a V1 session, from its first QR until the number is known.
    PairingId
);
uuid_id!(
    /// Who receives events: the webhook of a tenant, or of one of its V1 sessions.
    ReceiverId
);
uuid_id!(
    /// One event, the same in every try to deliver it.
    EventId
);
