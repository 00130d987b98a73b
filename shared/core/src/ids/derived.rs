//! Ids that are made of what they are for: made again, they are the same.

use super::{BulkId, EventId, IdempotencyKey, QueryId, SendId, UploadId, UserId};
use sha2::{Digest, Sha256};

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
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
}
