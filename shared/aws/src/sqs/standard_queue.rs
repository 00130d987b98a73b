//! A standard queue: what has an order, or must come only once, is in a table.

use crate::failure::unavailable;
use carteiro_core::ports::Unavailable;
use serde::Serialize;
use std::time::Duration;

/// The longest that SQS delays a message, in seconds
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
const LONGEST_DELAY: u64 = 900;

/// The way into one standard queue.
#[derive(Debug, Clone)]
pub(super) struct StandardQueue {
    client: aws_sdk_sqs::Client,
    url: String,
    operation: &'static str,
}

impl StandardQueue {
    /// The queue of that URL; `operation` names a push in errors.
    pub(super) fn new(client: aws_sdk_sqs::Client, url: impl Into<String>, operation: &'static str) -> Self {
        Self { client, url: url.into(), operation }
    }

    /// Puts a message in the queue, to be had after `delay` (15 minutes at most) in whole seconds, rounded up: what comes too early
    /// finds nothing to do. With groups it is a fair queue: one group's backlog does not delay another's.
    pub(super) async fn push(
        &self,
        message: &(impl Serialize + Sync),
        group: Option<String>,
        delay: Duration,
    ) -> Result<(), Unavailable> {
        let body = serde_json::to_string(message)
            .map_err(|e| Unavailable { operation: self.operation.to_owned(), reason: e.to_string() })?;
        let seconds =
            u64::try_from(delay.as_millis().div_ceil(1_000)).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
        let request = self
            .client
            .send_message()
            .queue_url(&self.url)
            .set_message_group_id(group)
            .delay_seconds(i32::try_from(seconds).unwrap_or_default())
            .message_body(body);
        request.send().await.map_err(|e| unavailable(self.operation, &e))?;
        Ok(())
    }
}
