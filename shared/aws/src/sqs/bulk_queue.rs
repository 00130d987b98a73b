//! The queue of bulk operations.

use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::bulk::BulkWanted;
use carteiro_core::ports::{BulkQueue, Unavailable};
use std::time::Duration;

/// The queue `bulk`, a standard one: operations have no order among them.
#[derive(Debug, Clone)]
pub struct SqsBulkQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsBulkQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl BulkQueue for SqsBulkQueue {
    async fn push(&self, wanted: &BulkWanted, delay: Duration) -> Result<(), Unavailable> {
        let operation = "sqs SendMessage bulk";
        let body = serde_json::to_string(wanted)
            .map_err(|e| Unavailable { operation: operation.to_owned(), reason: e.to_string() })?;
        // Rounded up: what comes early finds nothing to do.
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        let delay = i32::try_from(seconds).unwrap_or(i32::MAX).min(900);
        let request = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(delay);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
