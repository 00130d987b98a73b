//! The queue of alarms that ring soon.

use super::standard_queue::StandardQueue;
use async_trait::async_trait;
use carteiro_core::command::Alarm;
use carteiro_core::ports::{Unavailable, WakeQueue};
use std::time::Duration;

/// The queue `wakes`, a standard one: a FIFO queue delays no single message, and what has an order is in the table. Messages are
/// grouped by number, which makes it a fair queue: one number's alarms do not delay another's.
#[derive(Debug, Clone)]
pub struct SqsWakeQueue(StandardQueue);

impl SqsWakeQueue {
    /// The queue of that URL.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self(StandardQueue::new(client, url, "sqs SendMessage wakes"))
    }
}

#[async_trait]
impl WakeQueue for SqsWakeQueue {
    async fn push(&self, alarm: &Alarm, delay: Duration) -> Result<(), Unavailable> {
        self.0.push(alarm, Some(alarm.number.digits().to_owned()), delay).await
    }

    async fn push_all(&self, alarms: &[(Alarm, Duration)]) -> Result<(), Unavailable> {
        let group = |alarm: &Alarm| alarm.number.digits().to_owned();
        self.0.push_all(alarms.iter().map(|(alarm, delay)| (alarm, group(alarm), *delay))).await
    }
}
