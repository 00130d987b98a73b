//! Time and chance.

use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes fit for secrets.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// Waits.
#[async_trait]
pub trait Sleeper: Send + Sync + 'static {
    /// Returns after that time.
    async fn sleep(&self, duration: Duration);
}
