//! The queue of exports.

use crate::failure::unavailable;
use async_trait::async_trait;
use carteiro_core::ids::ExportId;
use carteiro_core::ports::{ExportQueue, Unavailable};
use carteiro_core::report::ExportWanted;
use std::time::Duration;

/// The queue `exports`, a standard one: exports have no order among them.
#[derive(Debug, Clone)]
pub struct SqsExportQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsExportQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl ExportQueue for SqsExportQueue {
    async fn push(&self, id: ExportId, delay: Duration) -> Result<(), Unavailable> {
        let operation = "sqs SendMessage exports";
        let body = serde_json::to_string(&ExportWanted { export_id: id })
            .map_err(|e| Unavailable { operation: operation.to_owned(), reason: e.to_string() })?;
        let delay = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX).min(900);
        let request = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(delay);
        request.send().await.map_err(|e| unavailable(operation, &e))?;
        Ok(())
    }
}
