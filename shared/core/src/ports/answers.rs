//! Where sessions' answers to questions are left.

use super::Unavailable;
use crate::ids::QueryId;
use crate::query::Answer;
use async_trait::async_trait;
use jiff::Timestamp;

/// Answers to questions, for a short time; some are kept for longer under the id that the same question always has.
#[async_trait]
pub trait Answers: Send + Sync + 'static {
    /// Leaves an answer until `expires_at`.
    async fn put(&self, id: QueryId, answer: &Answer, expires_at: Timestamp) -> Result<(), Unavailable>;

    /// The answer, if it is there and is not over by `now`.
    async fn find(&self, id: QueryId, now: Timestamp) -> Result<Option<Answer>, Unavailable>;
}
