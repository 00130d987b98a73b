//! The queue of webhooks' signals.

use super::standard_queue::StandardQueue;
use async_trait::async_trait;
use carteiro_core::ports::{EventQueue, Unavailable};
use carteiro_core::webhook::StreamSignal;
use std::time::Duration;

/// The queue `events`, a standard one: what has an order is in the table. Messages are grouped by tenant, which makes it a fair
/// queue: one tenant's backlog does not delay another's.
#[derive(Debug, Clone)]
pub struct SqsEventQueue(StandardQueue);

impl SqsEventQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self(StandardQueue::new(client, url, "sqs SendMessage events"))
    }
}

#[async_trait]
impl EventQueue for SqsEventQueue {
    async fn push(&self, signal: &StreamSignal, delay: Duration) -> Result<(), Unavailable> {
        self.0.push(signal, Some(signal.stream.user.to_string()), delay).await
    }
}
