//! Receives the commands of a shard, one request after the other, and leaves none on its way when the shard is given up.
//!
//! SQS gives commands also to a request whose client has hung up, and keeps them, and what is behind them in their groups, from
//! everybody until their visibility ends. So a request that was made is waited for. A long one would hold the next owner up,
//! so it is ended by a command that asks for nothing ([`ShardCommand::Wake`]); what came with it is given back at once.

use crate::backoff::Backoff;
use crate::held::give_back;
use crate::shared::Shared;
use carteiro_core::command::ShardCommand;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::{ReceivedCommand, Unavailable};
use carteiro_core::shard::Shard;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// How long one receive waits for commands. SQS knows 20 s; but a receive whose task has died may still take a command, which
/// then waits for its visibility to end.
const POLL: Duration = Duration::from_secs(10);
/// How long the last receive may hold up who takes the shard next.
const LEAVE: Duration = Duration::from_secs(2);

/// The receives of one shard. Dropping it hangs up.
pub(crate) struct Receiving {
    shared: Arc<Shared>,
    shard: Shard,
    /// The request that is under way, or has come and was not taken.
    request: JoinSet<Result<Vec<ReceivedCommand>, Unavailable>>,
    backoff: Backoff,
    /// After a failure, until when nothing is asked for.
    pause: Option<Instant>,
}

impl Receiving {
    pub(crate) fn new(shared: Arc<Shared>, shard: Shard) -> Self {
        Self { shared, shard, request: JoinSet::new(), backoff: Backoff::of_store(), pause: None }
    }

    /// The next commands. Nothing is lost when the wait for them is given up; the request then goes on beside, at most one.
    pub(crate) async fn next(&mut self) -> Vec<ReceivedCommand> {
        loop {
            if let Some(until) = self.pause {
                sleep_until(until).await;
                self.pause = None;
            }
            if self.request.is_empty() {
                let (receiver, shard) = (self.shared.receiver.clone(), self.shard);
                self.request.spawn(async move { receiver.receive(shard, POLL).await });
            }
            let received = self.request.join_next().await;
            self.shared.health.queue_answered(matches!(received, Some(Ok(Ok(_)))));
            match received {
                Some(Ok(Ok(batch))) => {
                    self.backoff.reset();
                    if !batch.is_empty() {
                        return batch;
                    }
                }
                Some(Ok(Err(error))) => {
                    tracing::warn!(shard = %self.shard, %error, "commands could not be received");
                    self.pause = Some(Instant::now() + self.backoff.wait());
                }
                Some(Err(_)) | None => self.pause = Some(Instant::now() + self.backoff.wait()),
            }
        }
    }

    /// Ends the request that is under way and gives back what it brings.
    pub(crate) async fn leave(mut self, epoch: Epoch) {
        if self.request.is_empty() {
            return;
        }
        let (commands, shard) = (self.shared.commands.clone(), self.shard);
        let wake = async move {
            let dedup = format!("wake-{}", epoch.get());
            if let Err(error) = commands.push(shard, &ShardCommand::Wake, &dedup).await {
                tracing::warn!(%shard, %error, "the last receive could not be ended");
            }
        };
        let end = async {
            let (received, ()) = tokio::join!(self.request.join_next(), wake);
            if let Some(Ok(Ok(batch))) = received {
                let receiver = self.shared.receiver.as_ref();
                let is_wake = |received: &ReceivedCommand| received.command == Some(ShardCommand::Wake);
                let (wakes, late): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_wake);
                let receipts =
                    |batch: Vec<ReceivedCommand>| batch.into_iter().map(|one| one.receipt).collect();
                give_back(receiver, shard, receipts(late)).await;
                // One that is left wakes nobody: whoever receives it deletes it.
                let _ = receiver.delete(shard, &receipts(wakes)).await;
            }
        };
        if timeout(LEAVE, end).await.is_err() {
            tracing::warn!(%shard, "the last receive did not end: what it brings waits for its visibility to end");
        }
    }
}
