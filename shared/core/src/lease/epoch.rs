//! The number of a shard's ownership.

use serde::{Deserialize, Serialize};

/// How many times a shard has changed hands: each owner's is larger than every earlier owner's, so a store can refuse a
/// write from an owner that was replaced (a fencing token).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(u64);

impl Epoch {
    /// The first owner's.
    pub const FIRST: Epoch = Epoch(1);

    /// The epoch of the given number, as read from a store.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The next owner's.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As a number.
    pub fn get(self) -> u64 {
        self.0
    }
}
