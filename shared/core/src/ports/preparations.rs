//! Where prepared files are kept until they are sent.

use super::Unavailable;
use crate::ids::SendId;
use crate::media::Prepared;
use async_trait::async_trait;
use jiff::Timestamp;

/// What `dispatch` made of the files of sends. Apart from the sends themselves, since those are written to often and each
/// write costs by the size of the whole.
#[async_trait]
pub trait Preparations: Send + Sync + 'static {
    /// Stores what was prepared for a send, in place of anything earlier, until about `until`. One write.
    async fn put(&self, send: SendId, prepared: &Prepared, until: Timestamp) -> Result<(), Unavailable>;

    /// What was prepared for a send (strongly consistent).
    async fn find(&self, send: SendId) -> Result<Option<Prepared>, Unavailable>;

    /// Forgets what was prepared for a send, if anything was: its file must be prepared anew.
    async fn forget(&self, send: SendId) -> Result<(), Unavailable>;
}
