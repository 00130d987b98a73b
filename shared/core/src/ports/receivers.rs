//! Who is told of events.

use super::Unavailable;
use crate::ids::UserId;
use crate::webhook::{Receiver, ReceiverScope};
use async_trait::async_trait;

/// Tenants' receivers.
#[async_trait]
pub trait Receivers: Send + Sync + 'static {
    /// Every receiver of a tenant, its own first, then those of its sessions by name (strongly consistent).
    async fn of_user(&self, user: UserId) -> Result<Vec<Receiver>, Unavailable>;

    /// One receiver (strongly consistent).
    async fn find(&self, user: UserId, scope: &ReceiverScope) -> Result<Option<Receiver>, Unavailable>;

    /// Stores a receiver whose `revision` is the stored one's (or 0, where none is stored), which counts up then. `false`
    /// when another change came between.
    async fn save(&self, receiver: &mut Receiver) -> Result<bool, Unavailable>;

    /// Takes a receiver away; `false` when there is none.
    async fn remove(&self, user: UserId, scope: &ReceiverScope) -> Result<bool, Unavailable>;
}
