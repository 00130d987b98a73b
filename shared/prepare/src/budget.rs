//! How long the steps of a file may take.

use carteiro_core::usecase::PREPARE_TIME;
use std::time::Duration;

/// How long each step may take; together no more than [`PREPARE_TIME`], with some seconds left to store the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Waiting for room while other files are worked on.
    pub room: Duration,
    /// Fetching, from an address or from our store.
    pub fetch: Duration,
    /// Waiting for the codecs, and their work.
    pub make: Duration,
}

impl Default for Budget {
    /// 25 seconds for room, 30 to fetch, 20 to make: 100 MB come in time at 28 Mbit/s.
    fn default() -> Self {
        Self { room: Duration::from_secs(25), fetch: Duration::from_secs(30), make: Duration::from_secs(20) }
    }
}

impl Budget {
    /// Whether it leaves time to store the result.
    pub(crate) fn fits(&self) -> bool {
        self.room + self.fetch + self.make + Duration::from_secs(5) <= PREPARE_TIME.unsigned_abs()
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
