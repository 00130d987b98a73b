//! The shards' queues in memory, from the side that fills them.

use super::Switch;
use crate::command::ShardCommand;
use crate::ports::{ShardSender, Unavailable};
use crate::shard::Shard;
use async_trait::async_trait;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A command that was put in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedCommand {
    /// Where.
    pub shard: Shard,
    /// What.
    pub command: ShardCommand,
    /// What tells it from a doubled one.
    pub dedup: String,
}

/// [`ShardSender`] in memory.
#[derive(Debug, Default)]
pub struct MemoryShardSender {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<PushedCommand>>,
}

impl MemoryShardSender {
    /// Everything in line, doubled ones left out.
    pub fn pushed(&self) -> Vec<PushedCommand> {
        self.lines().clone()
    }

    /// Makes another one hold what this one does.
    pub fn copy_to(&self, other: &Self) {
        let lines = self.pushed();
        *other.lines() = lines;
    }

    fn lines(&self) -> MutexGuard<'_, Vec<PushedCommand>> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ShardSender for MemoryShardSender {
    async fn push(&self, shard: Shard, command: &ShardCommand, dedup: &str) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        let mut lines = self.lines();
        if !lines.iter().any(|line| line.shard == shard && line.dedup == dedup) {
            lines.push(PushedCommand { shard, command: command.clone(), dedup: dedup.into() });
        }
        Ok(())
    }
}
