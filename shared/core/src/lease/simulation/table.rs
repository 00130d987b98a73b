//! The table of leases in memory.

use crate::lease::{Epoch, LeaseTable, ShardLease, TaskId, TaskRow};
use crate::ports::LeaseError;
use crate::shard::Shard;

/// The table, with the conditions that [`crate::ports::Leases`] promises.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Table(pub(super) LeaseTable);

impl Table {
    pub(super) fn heartbeat(&mut self, task: &TaskId, counter: u64) -> Result<(), LeaseError> {
        let row = self.0.tasks.entry(task.clone()).or_insert(TaskRow { counter, ..TaskRow::default() });
        if row.revoked {
            return Err(LeaseError::Revoked);
        }
        if counter < row.counter {
            return Err(LeaseError::Changed);
        }
        row.counter = counter;
        Ok(())
    }

    pub(super) fn leave(&mut self, task: &TaskId) {
        if let Some(row) = self.0.tasks.get_mut(task) {
            row.leaving = true;
        }
    }

    pub(super) fn take(
        &mut self,
        shard: Shard,
        task: &TaskId,
        seen: Option<&ShardLease>,
        revoke: bool,
    ) -> Result<Epoch, LeaseError> {
        if self.0.tasks.get(task).is_none_or(|row| row.revoked) {
            return Err(LeaseError::Revoked);
        }
        if self.0.shards.get(&shard) != seen {
            return Err(LeaseError::Changed);
        }
        if let Some(owner) = seen.and_then(|lease| lease.owner.as_ref()).filter(|_| revoke) {
            self.0.tasks.entry(owner.clone()).or_default().revoked = true;
        }
        let epoch = seen.map_or(Epoch::FIRST, |lease| lease.epoch.next());
        self.0.shards.insert(shard, ShardLease { owner: Some(task.clone()), epoch });
        Ok(epoch)
    }

    pub(super) fn release(&mut self, shard: Shard, task: &TaskId, epoch: Epoch) {
        if let Some(lease) = self.0.shards.get_mut(&shard)
            && lease.owner.as_ref() == Some(task)
            && lease.epoch == epoch
        {
            lease.owner = None;
        }
    }
}
