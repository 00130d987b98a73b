//! What a task must do about its leases, and by what times.

use super::{Epoch, ShardLease, TaskId};
use crate::shard::Shard;
use std::time::Duration;

/// The times that leases work by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timing {
    /// From the start of one heartbeat to the next.
    pub beat: Duration,
    /// From the start of one view to the next, at most.
    pub look: Duration,
    /// How soon a heartbeat that failed is tried again.
    pub retry: Duration,
    /// From the start of the last good heartbeat to when the task fences itself.
    pub fence: Duration,
    /// For how long a peer's counter must have stood still for it to be dead. Longer than `fence`.
    pub dead: Duration,
    /// The least time between two voluntary moves of one task. Sixteen tasks are to share sixteen shards within a minute of their start,
    /// and then one task alone gives fifteen up.
    pub pace: Duration,
    /// For how long a peer must have been dead for its row to be removed.
    pub forget: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(2),
            look: Duration::from_secs(1),
            retry: Duration::from_millis(500),
            fence: Duration::from_secs(6),
            dead: Duration::from_secs(8),
            pace: Duration::from_secs(3),
            forget: Duration::from_secs(600),
        }
    }
}

/// What a task must do. Each is said once; heartbeats, views, takes and releases are answered to the keeper.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Write this counter; answer with [`super::Keeper::heartbeat_done`].
    Heartbeat(u64),
    /// Read the table; answer with [`super::Keeper::viewed`].
    View,
    /// Take the shard, as in [`crate::ports::Leases::take`]; answer with [`super::Keeper::take_done`].
    Take {
        /// The shard.
        shard: Shard,
        /// How it was seen.
        seen: Option<ShardLease>,
        /// Whether its owner is dead and not yet revoked.
        revoke: bool,
    },
    /// The shard is this task's now: run it.
    Own(Shard, Epoch),
    /// Finish the shard's work, then give it up; answer with [`super::Keeper::release_done`].
    Release(Shard, Epoch),
    /// The shard is another's: stop it at once and write nothing more.
    Lose(Shard),
    /// Remove the row of a peer that is long dead.
    Retire(TaskId),
    /// Everything is lost: stop at once, write nothing more. The keeper is done; start anew under another [`TaskId`].
    Fence,
}
