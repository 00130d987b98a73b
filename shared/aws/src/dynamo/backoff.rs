//! How long to wait before a write that met another is tried again.

use crate::surroundings::OsRandom;
use carteiro_core::ports::Random;
use std::time::Duration;

/// How often a write that met a transaction on the same item, or was throttled within one, is tried.
pub(super) const ATTEMPTS: u32 = 10;
const FIRST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(400);

/// Waits before the attempt after `attempt` (from 1): up to twice as long each time, at random, so that those who met do not
/// meet again.
pub(super) async fn wait(attempt: u32) {
    let most = FIRST.saturating_mul(1 << attempt.min(16)).min(LONGEST);
    let [share] = (&OsRandom as &dyn Random).bytes::<1>();
    tokio::time::sleep(most.mul_f64((f64::from(share) + 1.0) / 256.0)).await;
}
