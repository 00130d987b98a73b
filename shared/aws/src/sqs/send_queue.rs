//! The queue from the API to `dispatch`.

use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::command::SendAccepted;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{SendQueue, Unavailable};

/// `sends.fifo`: one group for each sending number.
#[derive(Debug, Clone)]
pub struct SqsSendQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsSendQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl SendQueue for SqsSendQueue {
    async fn push(&self, from: &Phone, accepted: &SendAccepted, attempt: u32) -> Result<(), Unavailable> {
        let operation = "sqs SendMessage sends";
        let body = serde_json::to_string(accepted).map_err(|e| Unavailable::new(operation, e.to_string()))?;
        let request = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(from.digits())
            .message_deduplication_id(format!("{}-{attempt}", accepted.send_id))
            .message_body(body);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
