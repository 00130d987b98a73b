//! A receiver that does not take what it is given.

use jiff::Timestamp;

/// How a stream fares whose receiver does not take what it is given. A success ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When the first try failed.
    pub since: Timestamp,
    /// How many tries failed, one after another.
    pub failures: u32,
    /// When the last try failed.
    pub failed_at: Timestamp,
    /// Whether the receiver said itself how long to wait (`Retry-After`). Such a wait is kept whole; one of our own ends early
    /// when the receiver is seen to be back.
    pub asked: bool,
    /// When the next is made.
    pub retry_at: Timestamp,
    /// The number of the signal that ends the wait. Each wait, and each part of a wait that is longer than the queue can delay a
    /// signal, has a number of its own, so that doubled signals do not go on as two.
    pub wake: u64,
}
