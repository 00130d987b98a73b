//! Where the paces of numbers are kept, and the chats that they began.

use super::Unavailable;
use crate::ids::UserId;
use crate::lease::Epoch;
use crate::pacing::{Begun, OwnPace};
use crate::phone::Phone;
use async_trait::async_trait;

/// Why a count was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// A later owner of the number's shard has counted already.
    #[error("the count has a later owner")]
    Fenced,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Paces of numbers, and what is counted for them.
#[async_trait]
pub trait Paces: Send + Sync + 'static {
    /// The pace that this tenant set for a number; nothing is set until then (strongly consistent).
    async fn own(&self, number: &Phone, user: UserId) -> Result<OwnPace, Unavailable>;

    /// Sets it, in place of what was set before, by whomever.
    async fn set_own(&self, number: &Phone, user: UserId, pace: &OwnPace) -> Result<(), Unavailable>;

    /// The chats that a number began, if that was counted lately: a count is kept for [`KEPT_DAYS`] after its day (strongly
    /// consistent). It stays with the number, whoever its tenant is.
    async fn begun(&self, number: &Phone) -> Result<Option<Begun>, Unavailable>;

    /// The owner of the number's shard, in its `epoch`, counts; fenced by the latest epoch that counted. Safe to repeat.
    async fn count(&self, number: &Phone, epoch: Epoch, begun: Begun) -> Result<(), CountError>;
}

/// For how many days after the last counted one a count is kept. A number that was silent for that long warms up anew.
pub const KEPT_DAYS: i64 = 90;
