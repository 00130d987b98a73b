//! The queue of exports: of reports, and of personal data, whose erasures go through it as well.

use super::standard_queue::StandardQueue;
use async_trait::async_trait;
use carteiro_core::ids::{ExportId, PrivacyId};
use carteiro_core::ports::{ExportQueue, PrivacyQueue, Unavailable};
use carteiro_core::privacy::PrivacyWanted;
use carteiro_core::report::ExportWanted;
use std::time::Duration;

/// The queue `exports`, a standard one: exports have no order among them.
#[derive(Debug, Clone)]
pub struct SqsExportQueue(StandardQueue);

impl SqsExportQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self(StandardQueue::new(client, url, "sqs SendMessage exports"))
    }
}

#[async_trait]
impl ExportQueue for SqsExportQueue {
    async fn push(&self, id: ExportId, delay: Duration) -> Result<(), Unavailable> {
        self.0.push(&ExportWanted { export_id: id }, None, delay).await
    }
}

#[async_trait]
impl PrivacyQueue for SqsExportQueue {
    async fn push(&self, id: PrivacyId, delay: Duration) -> Result<(), Unavailable> {
        self.0.push(&PrivacyWanted { privacy_id: id }, None, delay).await
    }
}
