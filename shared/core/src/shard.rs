//! Shards: the parts that the numbers are spread over, each with a queue and an owner.

use crate::ids::PairingId;
use crate::phone::Phone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// How many shards a deployment has: 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShardCount(u16);

/// What was given is no count of shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a deployment has 1 to 256 shards")]
pub struct InvalidShardCount;

impl ShardCount {
    /// Takes a count of 1 to 256.
    pub fn new(count: u16) -> Result<Self, InvalidShardCount> {
        if (1..=256).contains(&count) { Ok(Self(count)) } else { Err(InvalidShardCount) }
    }

    /// The count.
    pub fn get(self) -> u16 {
        self.0
    }

    /// Every shard.
    pub fn all(self) -> impl Iterator<Item = Shard> {
        (0..self.0).map(Shard)
    }
}

/// One shard. A number's is chosen when the number is created and stored with it, so the count can grow later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shard(u16);

impl Shard {
    /// The shard of the given index, as read from a store.
    pub fn from_stored(index: u16) -> Self {
        Self(index)
    }

    /// The shard that a new number gets.
    pub fn of_new_number(number: &Phone, count: ShardCount) -> Self {
        let digest = Sha256::digest(number.digits().as_bytes());
        Self(u16::from_be_bytes([digest[0], digest[1]]) % count.0)
    }

    /// The shard that a new pairing gets.
    pub fn of_pairing(pairing: PairingId, count: ShardCount) -> Self {
        let digest = Sha256::digest(pairing.as_bytes());
        Self(u16::from_be_bytes([digest[0], digest[1]]) % count.0)
    }

    /// Its index, from 0.
    pub fn index(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Shard {
    /// Two digits or more, as in the queue names: `07`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_has_one_shard_below_the_count(digits in "[0-9]{10,15}", count in 1u16..=256) {
            let (phone, count) = (digits.parse().unwrap(), ShardCount::new(count).unwrap());
            let shard = Shard::of_new_number(&phone, count);
            prop_assert!(shard.index() < count.get());
            prop_assert_eq!(shard, Shard::of_new_number(&phone, count));
        }
    }

    #[test]
    fn refuses_counts_out_of_range() {
        assert!(ShardCount::new(0).is_err() && ShardCount::new(257).is_err());
        assert_eq!(Shard::from_stored(7).to_string(), "07");
    }
}
