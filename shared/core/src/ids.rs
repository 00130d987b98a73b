//! Identifiers.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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

impl QueryId {
    /// The id that is made of these parts, and of no others.
    pub(crate) fn derived(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new().chain_update(b"carteiro/query-id/1");
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest.finalize()[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl EventId {
    /// The id of the event that these parts tell apart from every other: told again, it is the same event.
    pub fn of(user: UserId, parts: &[&str]) -> Self {
        let mut digest = Sha256::new().chain_update(b"carteiro/event-id/1").chain_update(user.0.as_bytes());
        for part in parts {
            digest = digest.chain_update((part.len() as u64).to_be_bytes()).chain_update(part.as_bytes());
        }
        let digest = digest.finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl UploadId {
    /// The id of a file that came with the request that sends it: made of its SHA-256, so that the same file, sent again, is the
    /// same upload.
    pub fn of_content(file: &[u8]) -> Self {
        let digest = Sha256::digest(file);
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl SendId {
    /// The id of the send that `user` asked for under an `Idempotency-Key`. `generation` counts how often the key was
    /// used anew after its 24 hours.
    pub fn from_idempotency_key(user: UserId, key: &IdempotencyKey, generation: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(b"carteiro/send-id/1")
            .chain_update(user.0.as_bytes())
            .chain_update(generation.to_be_bytes())
            .chain_update(key.as_str().as_bytes())
            .finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The id of the send to the recipient of that index of a bulk operation: made again, it is the same send.
    pub fn of_row(bulk: BulkId, index: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(b"carteiro/bulk-send-id/1")
            .chain_update(bulk.0.as_bytes())
            .chain_update(index.to_be_bytes())
            .finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The WhatsApp message id of this send. A retry after a crash has the same one, so the recipient's client, which
    /// drops a message whose id it has seen, shows the text once.
    pub fn message_id(&self) -> MessageId {
        MessageId(format!("{:X}", self.0.simple()))
    }
}

/// The id that a message has on WhatsApp: 1 to 128 visible ASCII characters. Ours are the send id as 32 upper-case hexadecimal
/// digits (the form that WhatsApp for Android uses), so a receipt leads to its send without a look-up table.
///
/// The id by which one message names another is encrypted, so WhatsApp's server cannot check it: it is whatever its author wrote, of
/// any length, and comes in by [`FromStr`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// The most bytes of an id. WhatsApp's clients make ids of at most 32; with everything else that stands in a key of DynamoDB's
    /// (1,024 bytes) there is room for more.
    pub const MAX_BYTES: usize = 128;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The send that this message is, if it can be one of ours.
    pub fn send_id(&self) -> Option<SendId> {
        let ours = self.0.len() == 32 && self.0.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
        ours.then(|| Uuid::try_parse(&self.0).ok().map(SendId)).flatten()
    }
}

impl FromStr for MessageId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = (1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
    }
}

/// The value of an `Idempotency-Key` header: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_message_id_leads_back_to_its_send(bytes: [u8; 16]) {
            let id = SendId::from_random(bytes);
            prop_assert_eq!(id.message_id().send_id(), Some(id));
            prop_assert_eq!(id.to_string().parse::<SendId>(), Ok(id));
        }

        #[test]
        fn a_key_names_one_send_of_one_tenant(key in "[!-~]{1,40}", other in "[!-~]{1,40}", a: [u8; 16], b: [u8; 16]) {
            let (a, b) = (UserId::from_random(a), UserId::from_random(b));
            let (key, other): (IdempotencyKey, IdempotencyKey) = (key.parse().unwrap(), other.parse().unwrap());
            let id = SendId::from_idempotency_key(a, &key, 0);
            prop_assert_eq!(id, SendId::from_idempotency_key(a, &key, 0));
            prop_assert_ne!(id, SendId::from_idempotency_key(a, &key, 1));
            prop_assert_eq!(a == b, id == SendId::from_idempotency_key(b, &key, 0));
            prop_assert_eq!(key == other, id == SendId::from_idempotency_key(a, &other, 0));
        }
    }

    #[test]
    fn each_row_of_each_operation_is_a_send_of_its_own() {
        let bulk = |seed: u8| BulkId::from_random([seed; 16]);
        let ids: std::collections::HashSet<SendId> =
            (0..10_000).map(|index| SendId::of_row(bulk(1), index)).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(!ids.contains(&SendId::of_row(bulk(2), 0)));
        assert_eq!(SendId::of_row(bulk(1), 7).to_string(), "1a037929-c612-81d6-8f2c-38470adf4d1b");
    }

    #[test]
    fn an_event_is_known_by_all_of_its_parts() {
        let (ana, bia) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
        let id = EventId::of(ana, &["ab", "c"]);
        assert_eq!(id, EventId::of(ana, &["ab", "c"]));
        for other in
            [EventId::of(ana, &["a", "bc"]), EventId::of(ana, &["abc"]), EventId::of(bia, &["ab", "c"])]
        {
            assert_ne!(id, other);
        }
    }

    #[test]
    fn foreign_message_ids_are_no_sends() {
        for text in ["", "3EB0C431C26A1916E07E", "3A5F0000000000000000", "zz000000000000000000000000000000"] {
            assert_eq!(text.parse::<MessageId>().ok().and_then(|id| id.send_id()), None, "{text}");
        }
    }

    #[test]
    fn an_id_that_could_be_no_key_is_none() {
        let longest = "A".repeat(MessageId::MAX_BYTES);
        assert_eq!(longest.parse::<MessageId>().unwrap().as_str(), longest);
        for text in ["", "a b", "a\0", "é", "A\n", &format!("{longest}A"), &"A".repeat(1_000_000)] {
            assert_eq!(text.parse::<MessageId>(), Err(InvalidId), "{} bytes", text.len());
        }
    }
}
