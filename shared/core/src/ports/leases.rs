//! Where the leases of shards are kept.

use super::Unavailable;
use crate::lease::{Epoch, LeaseTable, ShardLease, TaskId};
use crate::shard::Shard;
use async_trait::async_trait;

/// Why a lease was not had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// A peer took this task for dead and revoked it: it must stop at once and never write again under this id.
    #[error("this task was revoked")]
    Revoked,
    /// The lease is not what the caller believed: somebody was faster.
    #[error("the lease has changed")]
    Changed,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The table of tasks and of the shards they own. No wall clock is stored or compared.
#[async_trait]
pub trait Leases: Send + Sync + 'static {
    /// Writes this task's heartbeat counter; conditional on the task not being revoked, and on the counter not going back
    /// ([`LeaseError::Changed`]): a request that was lost on its way must not hide later ones.
    async fn heartbeat(&self, task: &TaskId, counter: u64) -> Result<(), LeaseError>;

    /// All tasks and shards (strongly consistent).
    async fn view(&self) -> Result<LeaseTable, Unavailable>;

    /// Takes a shard that is as `seen` (or that nobody ever owned) for `task`, with the next epoch; in the same transaction
    /// revokes its owner, if `revoke` (a dead one), and checks that `task` itself is not revoked.
    async fn take(
        &self,
        shard: Shard,
        task: &TaskId,
        seen: Option<&ShardLease>,
        revoke: bool,
    ) -> Result<Epoch, LeaseError>;

    /// Tells peers that this task is about to end, so that they take what it gives up. No error if it has no row.
    async fn leave(&self, task: &TaskId) -> Result<(), Unavailable>;

    /// Gives a shard up: it has no owner, and keeps its epoch. No error if it was lost already.
    async fn release(&self, shard: Shard, task: &TaskId, epoch: Epoch) -> Result<(), Unavailable>;

    /// Removes a task that has given up its shards, or a revoked one that is long gone.
    async fn retire(&self, task: &TaskId) -> Result<(), Unavailable>;
}
