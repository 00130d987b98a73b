//! How long to wait before trying again.

use std::time::Duration;

/// Waits that double, with jitter, so that many who failed together do not return together.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    /// From `first`, doubling, to at most `most`.
    pub(crate) fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, next: first }
    }

    /// For stores and queues that do not answer: 100 ms to 5 s.
    pub(crate) fn of_store() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(5))
    }

    /// The next wait: between half of it and all of it.
    pub(crate) fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.most);
        wait / 2 + jitter(wait / 2)
    }

    /// It worked: begin anew.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// A random number, evenly over all of `u32`. Not for secrets.
pub(crate) fn draw() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(0u8) >> 32) as u32
}

/// A random time below `most`. Not for secrets.
pub(crate) fn jitter(most: Duration) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(RandomState::new().hash_one(0u8).checked_rem(millis).unwrap_or(0))
}
