//! Waits that double.

use std::time::Duration;

/// How long to wait after the failed attempt of that number, from 1: `first`, then twice as long each time, up to `most`.
pub(super) fn doubling(first: Duration, attempt: u32, most: Duration) -> Duration {
    first.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(most)
}
