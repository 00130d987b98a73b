//! The queue of received files.

use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::command::MediaReceived;
use carteiro_core::ports::{MediaQueue, Unavailable};

/// The queue `media`, a standard one: files have no order among them.
#[derive(Debug, Clone)]
pub struct SqsMediaQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsMediaQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl MediaQueue for SqsMediaQueue {
    async fn push(&self, received: &MediaReceived) -> Result<(), Unavailable> {
        let operation = "sqs SendMessage media";
        let body = serde_json::to_string(received)
            .map_err(|e| Unavailable { operation: operation.to_owned(), reason: e.to_string() })?;
        let request = self.client.send_message().queue_url(&self.url).message_body(body);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
