//! The table of leases, as every task reads it.

use super::Epoch;
use crate::shard::Shard;
use std::collections::BTreeMap;
use std::fmt;

/// One run of the session task: a new one for each start of the process, so that a revoked task never comes back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(String);

impl TaskId {
    /// The id of a run that starts now, from random bytes.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(hex::encode(bytes))
    }

    /// An id as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is stored of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TaskRow {
    /// How many heartbeats it has written.
    pub counter: u64,
    /// Whether a peer has taken it for dead.
    pub revoked: bool,
    /// Whether it is about to end: what it gives up belongs elsewhere.
    pub leaving: bool,
}

/// What is stored of a shard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShardLease {
    /// The owner, unless it was given up.
    pub owner: Option<TaskId>,
    /// The epoch of the latest owner.
    pub epoch: Epoch,
}

/// All tasks and all shards that ever had an owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct LeaseTable {
    /// The tasks.
    pub tasks: BTreeMap<TaskId, TaskRow>,
    /// The shards.
    pub shards: BTreeMap<Shard, ShardLease>,
}
