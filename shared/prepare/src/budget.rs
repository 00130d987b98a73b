//! How long the steps of a file may take.

use carteiro_core::usecase::PREPARE_TIME;
use std::time::Duration;

/// How long each step may take; together no more than [`PREPARE_TIME`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Waiting for room while other files are worked on.
    pub room: Duration,
    /// Fetching, from an address or from our store.
    pub fetch: Duration,
    /// Waiting for the codecs, and their work.
    pub make: Duration,
    /// Storing the ciphertext.
    pub store: Duration,
}

impl Default for Budget {
    /// 10 seconds for room, 30 to fetch, 35 to make, 10 to store: 100 MB come in time at 28 Mbit/s, and the longest
    /// voice note, 20 minutes of stereo MP3, was made in 19 seconds of one processor.
    fn default() -> Self {
        let [room, fetch, make, store] = [10, 30, 35, 10].map(Duration::from_secs);
        Self { room, fetch, make, store }
    }
}

impl Budget {
    /// Whether a file is ready, or given up, in time.
    pub(crate) fn fits(&self) -> bool {
        self.room + self.fetch + self.make + self.store <= PREPARE_TIME.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_one_fits() {
        assert!(Budget::default().fits());
        assert!(!Budget { fetch: Duration::from_secs(31), ..Budget::default() }.fits());
    }
}
