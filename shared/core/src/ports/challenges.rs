//! Where codes that were sent wait for their use.

use super::Unavailable;
use crate::otp::{Challenge, ChallengeKey};
use async_trait::async_trait;

/// The one-time passwords that are out.
#[async_trait]
pub trait Challenges: Send + Sync + 'static {
    /// Stores a challenge in place of any earlier one.
    async fn put(&self, key: &ChallengeKey, challenge: &Challenge) -> Result<(), Unavailable>;

    /// Counts one more try in one conditional write and answers the challenge with it counted; `None` when there is none.
    async fn count_try(&self, key: &ChallengeKey) -> Result<Option<Challenge>, Unavailable>;

    /// Takes a challenge away. `true` for the one caller that took it, so that a right code is used once.
    async fn take(&self, key: &ChallengeKey) -> Result<bool, Unavailable>;
}
