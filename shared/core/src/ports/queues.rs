//! The queues between the parts.

use super::Unavailable;
use crate::command::{MediaReceived, SendAccepted, ShardCommand};
use crate::phone::Phone;
use crate::shard::Shard;
use async_trait::async_trait;
use std::time::Duration;

/// The longest that a queue delays a message: SQS's 15 minutes
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
pub const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// The queue from the API to `dispatch`.
#[async_trait]
pub trait SendQueue: Send + Sync + 'static {
    /// Puts an accepted send in line behind those of the same number. `attempt` (0 at first) tells a wanted repetition
    /// from a doubled request, which the queue drops for five minutes.
    async fn push(&self, from: &Phone, accepted: &SendAccepted, attempt: u32) -> Result<(), Unavailable>;
}

/// The queue of files that were received.
#[async_trait]
pub trait MediaQueue: Send + Sync + 'static {
    /// Has the file of a message copied. Asking twice copies it once.
    async fn push(&self, received: &MediaReceived) -> Result<(), Unavailable>;
}

/// The shards' queues, from the side that fills them.
#[async_trait]
pub trait ShardSender: Send + Sync + 'static {
    /// Puts a command in line. Commands of the same `dedup` within five minutes are one.
    async fn push(&self, shard: Shard, command: &ShardCommand, dedup: &str) -> Result<(), Unavailable>;
}

/// A command as it came out of a shard's queue; it is invisible to others until its visibility ends.
#[derive(Debug, Clone)]
pub struct ReceivedCommand {
    /// The command; `None` when the body is not one (it is for the owner to delete and log).
    pub command: Option<ShardCommand>,
    /// What deletes or extends it.
    pub receipt: String,
    /// How often it came out, this time included.
    pub receives: u32,
}

/// The shards' queues, from the side of their owner.
#[async_trait]
pub trait ShardReceiver: Send + Sync + 'static {
    /// Waits up to `wait` (20 s at most) for up to ten commands. Each group's come in order, and none of a group while
    /// earlier ones of it are held.
    async fn receive(&self, shard: Shard, wait: Duration) -> Result<Vec<ReceivedCommand>, Unavailable>;

    /// Deletes commands that were carried out (any number).
    async fn delete(&self, shard: Shard, receipts: &[String]) -> Result<(), Unavailable>;

    /// Keeps commands invisible for `visibility` from now; zero gives them back at once.
    async fn extend(
        &self,
        shard: Shard,
        receipts: &[String],
        visibility: Duration,
    ) -> Result<(), Unavailable>;
}
