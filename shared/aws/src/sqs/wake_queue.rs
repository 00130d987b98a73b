//! The queue of alarms that ring soon.

use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::command::Alarm;
use carteiro_core::ports::{Unavailable, WakeQueue};
use std::time::Duration;

/// The longest that SQS delays a message, in seconds.
const LONGEST_DELAY: u64 = 900;

/// The queue `wakes`, a standard one: a FIFO queue delays no single message, and what has an order is in the table.
#[derive(Debug, Clone)]
pub struct SqsWakeQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsWakeQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl WakeQueue for SqsWakeQueue {
    async fn push(&self, alarm: &Alarm, delay: Duration) -> Result<(), Unavailable> {
        let operation = "sqs SendMessage wakes";
        let body = serde_json::to_string(alarm)
            .map_err(|e| Unavailable { operation: operation.to_owned(), reason: e.to_string() })?;
        // Whole seconds, rounded up: one that rings too early has to ring again.
        let seconds =
            u64::try_from(delay.as_millis().div_ceil(1_000)).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
        let request = self
            .client
            .send_message()
            .queue_url(&self.url)
            // Which makes it a fair queue: one number's alarms do not delay another's.
            .message_group_id(alarm.number.digits())
            .delay_seconds(i32::try_from(seconds).unwrap_or_default())
            .message_body(body);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
