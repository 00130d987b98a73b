//! Until when this task may write.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The end of this run's leases, by its monotonic clock. The lease loop moves it with each good heartbeat, and an actor looks
/// at it right before it writes to the wire: a process that was stopped for a while finds out here, before anything else.
#[derive(Debug)]
pub struct Fence {
    start: Instant,
    until_ms: AtomicU64,
}

impl Fence {
    /// A fence that holds everything back until it is moved.
    pub fn closed(start: Instant) -> Self {
        Self { start, until_ms: AtomicU64::new(0) }
    }

    /// Lets writes through until `until` after the start.
    pub fn move_to(&self, until: Duration) {
        self.until_ms.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Lets nothing through any more.
    pub fn close(&self) {
        self.until_ms.store(0, Ordering::Release);
    }

    /// Whether writes may go through now.
    pub fn is_open(&self) -> bool {
        self.start.elapsed() < Duration::from_millis(self.until_ms.load(Ordering::Acquire))
    }
}
