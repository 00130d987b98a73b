//! The time of day, which goes with tokio's clock, so that a paused test decides both.

use async_trait::async_trait;
use carteiro_core::ports::{Clock, Sleeper};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::{Instant, sleep};

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

/// Sleeps by tokio's clock.
pub struct TestSleeper;

#[async_trait]
impl Sleeper for TestSleeper {
    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }
}
