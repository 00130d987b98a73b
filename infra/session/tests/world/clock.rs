//! The time of day, which goes with tokio's clock, so that a paused test decides both.

use carteiro_core::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

pub struct TestClock(Instant);

impl TestClock {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        start + SignedDuration::try_from(self.0.elapsed()).unwrap()
    }
}
