//! A standard queue: what has an order, or must come only once, is in a table.

use super::batch::{MAX_ENTRIES, in_batches};
use crate::failure::unavailable;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use carteiro_core::ports::{LONGEST_DELAY, Unavailable};
use serde::Serialize;
use std::time::Duration;

/// A delay as SQS takes it.
fn seconds(delay: Duration) -> i32 {
    i32::try_from(delay.min(LONGEST_DELAY).as_millis().div_ceil(1_000)).unwrap_or_default()
}

/// The way into one standard queue.
#[derive(Debug, Clone)]
pub(super) struct StandardQueue {
    client: aws_sdk_sqs::Client,
    url: String,
    operation: &'static str,
}

impl StandardQueue {
    /// The queue of that URL; `operation` names a push in errors.
    pub(super) fn new(client: aws_sdk_sqs::Client, url: impl Into<String>, operation: &'static str) -> Self {
        Self { client, url: url.into(), operation }
    }

    /// Puts a message in the queue, to be had after `delay` (15 minutes at most) in whole seconds, rounded up: what comes too early
    /// finds nothing to do. With groups it is a fair queue: one group's backlog does not delay another's.
    pub(super) async fn push(
        &self,
        message: &(impl Serialize + Sync),
        group: Option<String>,
        delay: Duration,
    ) -> Result<(), Unavailable> {
        let request = self
            .client
            .send_message()
            .queue_url(&self.url)
            .set_message_group_id(group)
            .delay_seconds(seconds(delay))
            .message_body(self.body(message)?);
        request.send().await.map_err(|e| unavailable(self.operation, &e))?;
        Ok(())
    }

    /// As [`StandardQueue::push`] of each message, with its group and its delay, ten by one request.
    pub(super) async fn push_all<'a, T: Serialize + 'a>(
        &self,
        messages: impl Iterator<Item = (&'a T, String, Duration)>,
    ) -> Result<(), Unavailable> {
        let mut bodies = Vec::new();
        let mut terms = Vec::new();
        for (message, group, delay) in messages {
            bodies.push(self.body(message)?);
            terms.push((group, seconds(delay)));
        }
        for (bodies, terms) in bodies.chunks(MAX_ENTRIES).zip(terms.chunks(MAX_ENTRIES)) {
            in_batches(self.operation, bodies, |entries| async {
                let entry = |(id, body): (String, String)| {
                    let terms = id.parse().ok().and_then(|place: usize| terms.get(place));
                    let entry = SendMessageBatchRequestEntry::builder().id(id).message_body(body);
                    let entry = entry.set_message_group_id(terms.map(|(group, _)| group.clone()));
                    entry.set_delay_seconds(terms.map(|(_, seconds)| *seconds)).build()
                };
                let entries = entries.into_iter().map(entry).collect::<Result<Vec<_>, _>>();
                let entries = entries.map_err(|e| Unavailable::new(self.operation, e.to_string()))?;
                let request = self.client.send_message_batch().queue_url(&self.url);
                let answer = request.set_entries(Some(entries)).send().await;
                Ok(answer.map_err(|e| unavailable(self.operation, &e))?.failed)
            })
            .await?;
        }
        Ok(())
    }

    fn body(&self, message: &impl Serialize) -> Result<String, Unavailable> {
        serde_json::to_string(message).map_err(|e| Unavailable::new(self.operation, e.to_string()))
    }
}
