//! The shards' queues, from the side of their owner.

use super::ShardQueues;
use super::batch::{MAX_ENTRIES, in_batches};
use crate::failure::unavailable;
use crate::surroundings::OsRandom;
use async_trait::async_trait;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName,
};
use carteiro_core::ports::{Random, ReceivedCommand, ShardReceiver, Unavailable};
use carteiro_core::shard::Shard;
use std::time::Duration;

/// The longest that SQS lets a receive wait.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// How much longer than its wait a receive may take.
const GRACE: Duration = Duration::from_secs(5);
/// The longest that SQS keeps a message invisible.
const MAX_VISIBILITY: Duration = Duration::from_secs(12 * 60 * 60);

/// Reads `session-NN.fifo`.
#[derive(Debug, Clone)]
pub struct SqsShardReceiver {
    client: aws_sdk_sqs::Client,
    queues: ShardQueues,
}

impl SqsShardReceiver {
    /// A receiver of those queues.
    pub fn new(client: aws_sdk_sqs::Client, queues: ShardQueues) -> Self {
        Self { client, queues }
    }
}

fn received(message: Message) -> Option<ReceivedCommand> {
    let receives = message
        .attributes()
        .and_then(|a| a.get(&MessageSystemAttributeName::ApproximateReceiveCount))
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let command = message.body().and_then(|body| serde_json::from_str(body).ok());
    Some(ReceivedCommand { command, receipt: message.receipt_handle?, receives })
}

/// Waits whole seconds, rounded up: SQS knows no others, and zero would not wait at all.
fn whole_seconds(duration: Duration, most: Duration) -> i32 {
    let seconds = duration.min(most).as_millis().div_ceil(1000);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn unbuilt(operation: &str, error: &BuildError) -> Unavailable {
    Unavailable::new(operation, error.to_string())
}

#[async_trait]
impl ShardReceiver for SqsShardReceiver {
    async fn receive(&self, shard: Shard, wait: Duration) -> Result<Vec<ReceivedCommand>, Unavailable> {
        // With the same attempt id, a repetition after a lost answer gets the same messages, which would otherwise stay
        // invisible, and their groups blocked, until their visibility ends.
        let attempt = u128::from_be_bytes((&OsRandom as &dyn Random).bytes());
        let wait = wait.min(MAX_WAIT);
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(wait + GRACE)
            .operation_timeout(2 * (wait + GRACE))
            .build();
        let request = self
            .client
            .receive_message()
            .queue_url(self.queues.url(shard))
            .max_number_of_messages(MAX_ENTRIES as i32)
            .wait_time_seconds(whole_seconds(wait, MAX_WAIT))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .receive_request_attempt_id(format!("{attempt:032x}"))
            .customize()
            .config_override(aws_sdk_sqs::config::Config::builder().timeout_config(timeouts));
        let answer = request.send().await;
        let answer = answer.map_err(|e| unavailable(format!("sqs ReceiveMessage session-{shard}"), &e))?;
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(received).collect())
    }

    async fn delete(&self, shard: Shard, receipts: &[String]) -> Result<(), Unavailable> {
        let operation = format!("sqs DeleteMessageBatch session-{shard}");
        in_batches(&operation, receipts, |entries| async {
            let entry = |(id, receipt): (String, String)| {
                DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(receipt).build()
            };
            let entries = entries.into_iter().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|e| unbuilt(&operation, &e))?;
            let request = self.client.delete_message_batch().queue_url(self.queues.url(shard));
            let answer = request.set_entries(Some(entries)).send().await;
            Ok(answer.map_err(|e| unavailable(&operation, &e))?.failed)
        })
        .await
    }

    async fn extend(
        &self,
        shard: Shard,
        receipts: &[String],
        visibility: Duration,
    ) -> Result<(), Unavailable> {
        let operation = format!("sqs ChangeMessageVisibilityBatch session-{shard}");
        let seconds = whole_seconds(visibility, MAX_VISIBILITY);
        in_batches(&operation, receipts, |entries| async {
            let entry = |(id, receipt): (String, String)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id);
                entry.receipt_handle(receipt).visibility_timeout(seconds).build()
            };
            let entries = entries.into_iter().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|e| unbuilt(&operation, &e))?;
            let request = self.client.change_message_visibility_batch().queue_url(self.queues.url(shard));
            let answer = request.set_entries(Some(entries)).send().await;
            Ok(answer.map_err(|e| unavailable(&operation, &e))?.failed)
        })
        .await
    }
}
