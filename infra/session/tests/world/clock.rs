//! The time of day, which goes with tokio's clock, so that a paused test decides both.

use async_trait::async_trait;
use carteiro_core::ports::{Clock, Sleeper};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub struct TestClock {
    start: Instant,
    off_s: AtomicI64,
}

impl TestClock {
    pub fn new() -> Self {
        Self { start: Instant::now(), off_s: AtomicI64::new(0) }
    }

    /// Sets it that much ahead of the right time.
    pub fn set_ahead(&self, by: SignedDuration) {
        self.off_s.store(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let off = SignedDuration::from_secs(self.off_s.load(Ordering::Relaxed));
        start + SignedDuration::try_from(self.start.elapsed()).unwrap() + off
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
