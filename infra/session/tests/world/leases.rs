//! Leases in memory.

use super::{Task, World, sender};
use async_trait::async_trait;
use carteiro_core::lease::{Epoch, LeaseTable, ShardLease, TaskId, TaskRow};
use carteiro_core::number::LinkState;
use carteiro_core::ports::{LeaseError, Leases, Unavailable};
use carteiro_core::shard::Shard;
use carteiro_core::testing::Switch;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::sleep;

#[derive(Default)]
pub struct MemoryLeases {
    pub switch: Switch,
    table: Mutex<LeaseTable>,
}

impl MemoryLeases {
    pub fn table(&self) -> LeaseTable {
        self.table.lock().unwrap().clone()
    }

    /// How many shards each task owns.
    pub fn load(&self) -> Vec<usize> {
        let table = self.table();
        let of = |task| table.shards.values().filter(|lease| lease.owner.as_ref() == Some(task)).count();
        table.tasks.keys().map(of).collect()
    }
}

impl World {
    /// A world whose sender is connected with one of two tasks that share the shards, and `wait` has passed since: that task first, then
    /// the other. Its queues give commands also to whoever has hung up.
    pub async fn shared_by_two(wait: Duration) -> (Self, Task, Task) {
        let world = Self::new();
        world.queues.absent_minded.store(true, Ordering::Relaxed);
        world.paired(&sender()).await;
        let (owner, other) = world.start_two().await;
        sleep(wait).await;
        (world, owner, other)
    }

    /// Two tasks that share the shards while the sender is connected: first the one that has the sender's shard.
    async fn start_two(&self) -> (Task, Task) {
        let first = self.start();
        self.until("it has all", |world| world.leases.load() == [4]).await;
        let tasks = self.leases.table().tasks;
        let second = self.start();
        self.until("each has its half", |world| world.leases.load() == [2, 2]).await;
        self.until_state(LinkState::Connected).await;
        let owner = self.leases.table().shards[&self.shard(&sender())].owner.clone().unwrap();
        if tasks.contains_key(&owner) { (first, second) } else { (second, first) }
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    async fn heartbeat(&self, task: &TaskId, counter: u64) -> Result<(), LeaseError> {
        self.switch.check("heartbeat")?;
        let mut table = self.table.lock().unwrap();
        let row = table.tasks.entry(task.clone()).or_insert(TaskRow { counter, ..TaskRow::default() });
        if row.revoked {
            return Err(LeaseError::Revoked);
        }
        if counter < row.counter {
            return Err(LeaseError::Changed);
        }
        row.counter = counter;
        Ok(())
    }

    async fn view(&self) -> Result<LeaseTable, Unavailable> {
        self.switch.check("view")?;
        Ok(self.table())
    }

    async fn take(
        &self,
        shard: Shard,
        task: &TaskId,
        seen: Option<&ShardLease>,
        revoke: bool,
    ) -> Result<Epoch, LeaseError> {
        sleep(Duration::from_millis(5)).await;
        self.switch.check("take")?;
        let mut table = self.table.lock().unwrap();
        if table.tasks.get(task).is_none_or(|row| row.revoked) {
            return Err(LeaseError::Revoked);
        }
        if table.shards.get(&shard) != seen {
            return Err(LeaseError::Changed);
        }
        if let Some(owner) = seen.and_then(|lease| lease.owner.clone()).filter(|_| revoke)
            && let Some(row) = table.tasks.get_mut(&owner)
        {
            row.revoked = true;
        }
        let epoch = seen.map_or(Epoch::FIRST, |lease| lease.epoch.next());
        table.shards.insert(shard, ShardLease { owner: Some(task.clone()), epoch });
        Ok(epoch)
    }

    async fn leave(&self, task: &TaskId) -> Result<(), Unavailable> {
        self.switch.check("leave")?;
        if let Some(row) = self.table.lock().unwrap().tasks.get_mut(task) {
            row.leaving = true;
        }
        Ok(())
    }

    async fn release(&self, shard: Shard, task: &TaskId, epoch: Epoch) -> Result<(), Unavailable> {
        self.switch.check("release")?;
        let mut table = self.table.lock().unwrap();
        if let Some(lease) = table.shards.get_mut(&shard)
            && lease.owner.as_ref() == Some(task)
            && lease.epoch == epoch
        {
            lease.owner = None;
        }
        Ok(())
    }

    async fn retire(&self, task: &TaskId) -> Result<(), Unavailable> {
        self.switch.check("retire")?;
        self.table.lock().unwrap().tasks.remove(task);
        Ok(())
    }
}
