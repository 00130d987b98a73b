//! The machine's clock and randomness, and waiting.

use async_trait::async_trait;
use carteiro_core::ports::{Clock, Random, Sleeper};
use jiff::Timestamp;
use std::time::Duration;

/// The machine's clock, in microseconds: the tables keep no finer, so a time that was stored reads back equal.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    /// Panics when the operating system has no randomness to give: nothing may be signed or sent with bytes that can be
    /// guessed.
    #[allow(clippy::expect_used)]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Waits by Tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

#[async_trait]
impl Sleeper for TokioSleeper {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_no_more_than_microseconds() {
        assert_eq!(SystemClock.now().subsec_nanosecond() % 1_000, 0);
    }

    #[test]
    fn random_bytes_differ() {
        let random: &dyn Random = &OsRandom;
        assert_ne!(random.bytes::<16>(), random.bytes::<16>());
    }
}
