//! Where it is kept how often somebody came.

use super::Unavailable;
use crate::rate::{Decision, Rate, RateKey};
use async_trait::async_trait;
use jiff::Timestamp;

/// Counts requests against a rate. However many callers ask at once, no more than the rate allows are let through.
#[async_trait]
pub trait Rates: Send + Sync + 'static {
    /// Lets one more request of `key` through at `now`, or not. One conditional write where there is no contention.
    async fn admit(&self, key: &RateKey, rate: Rate, now: Timestamp) -> Result<Decision, Unavailable>;

    /// Takes one request that was let through back, as if it had not come. One write.
    async fn give_back(&self, key: &RateKey, rate: Rate) -> Result<(), Unavailable>;
}
