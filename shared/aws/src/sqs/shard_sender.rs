//! The shards' queues, from the side that fills them.

use super::ShardQueues;
use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::command::ShardCommand;
use carteiro_core::ports::{ShardSender, Unavailable};
use carteiro_core::shard::Shard;

/// `session-NN.fifo`, grouped as [`ShardCommand::group`] says.
#[derive(Debug, Clone)]
pub struct SqsShardSender {
    client: aws_sdk_sqs::Client,
    queues: ShardQueues,
}

impl SqsShardSender {
    /// A sender to those queues.
    pub fn new(client: aws_sdk_sqs::Client, queues: ShardQueues) -> Self {
        Self { client, queues }
    }
}

#[async_trait]
impl ShardSender for SqsShardSender {
    async fn push(&self, shard: Shard, command: &ShardCommand, dedup: &str) -> Result<(), Unavailable> {
        let operation = format!("sqs SendMessage session-{shard}");
        let body =
            serde_json::to_string(command).map_err(|e| Unavailable::new(operation.clone(), e.to_string()))?;
        let request = self
            .client
            .send_message()
            .queue_url(self.queues.url(shard))
            .message_group_id(command.group())
            .message_deduplication_id(dedup)
            .message_body(body);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
