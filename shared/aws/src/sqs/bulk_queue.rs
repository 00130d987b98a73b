//! The queue of bulk operations.

use super::standard_queue::StandardQueue;
use async_trait::async_trait;
use carteiro_core::bulk::BulkWanted;
use carteiro_core::ports::{BulkQueue, Unavailable};
use std::time::Duration;

/// The queue `bulk`, a standard one: operations have no order among them.
#[derive(Debug, Clone)]
pub struct SqsBulkQueue(StandardQueue);

impl SqsBulkQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self(StandardQueue::new(client, url, "sqs SendMessage bulk"))
    }
}

#[async_trait]
impl BulkQueue for SqsBulkQueue {
    async fn push(&self, wanted: &BulkWanted, delay: Duration) -> Result<(), Unavailable> {
        self.0.push(wanted, None, delay).await
    }
}
