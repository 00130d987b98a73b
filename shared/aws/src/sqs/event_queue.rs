//! The queue of webhooks' signals.

use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::ports::{EventQueue, Unavailable};
use carteiro_core::webhook::StreamSignal;
use std::time::Duration;

/// The longest that SQS delays a message, in seconds.
const LONGEST_DELAY: u64 = 900;

/// The queue `events`, a standard one: what has an order is in the table. Messages are grouped by tenant, which makes it a fair
/// queue: one tenant's backlog does not delay another's.
#[derive(Debug, Clone)]
pub struct SqsEventQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsEventQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl EventQueue for SqsEventQueue {
    async fn push(&self, signal: &StreamSignal, delay: Duration) -> Result<(), Unavailable> {
        let operation = "sqs SendMessage events";
        let body = serde_json::to_string(signal)
            .map_err(|e| Unavailable { operation: operation.to_owned(), reason: e.to_string() })?;
        // Whole seconds, rounded up: one that comes too early has to wait again.
        let seconds =
            u64::try_from(delay.as_millis().div_ceil(1_000)).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
        let request = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(signal.stream.user.to_string())
            .delay_seconds(i32::try_from(seconds).unwrap_or_default())
            .message_body(body);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
