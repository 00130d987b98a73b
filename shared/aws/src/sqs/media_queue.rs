//! The queue of received files.

use super::standard_queue::StandardQueue;
use async_trait::async_trait;
use carteiro_core::command::MediaReceived;
use carteiro_core::ports::{MediaQueue, Unavailable};
use std::time::Duration;

/// The queue `media`, a standard one: files have no order among them.
#[derive(Debug, Clone)]
pub struct SqsMediaQueue(StandardQueue);

impl SqsMediaQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self(StandardQueue::new(client, url, "sqs SendMessage media"))
    }
}

#[async_trait]
impl MediaQueue for SqsMediaQueue {
    async fn push(&self, received: &MediaReceived) -> Result<(), Unavailable> {
        self.0.push(received, None, Duration::ZERO).await
    }
}
