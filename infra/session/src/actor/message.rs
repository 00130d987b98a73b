//! What an actor is told.

use crate::held::Held;
use carteiro_core::command::ShardCommand;
use std::time::Duration;
use tokio::time::Instant;

/// What an actor is told.
#[derive(Debug)]
pub enum Message {
    /// The shard has just been taken: bring the number to where it was, after this wait.
    Resume(Duration),
    /// A command from the queue.
    Command(Held, ShardCommand),
    /// Write nothing new, finish what was written until then, close the connection and end.
    Stop(Instant),
}
