//! Batches of FIFO queues.

use crate::record::{Failed, NoMessageId, Record, answer};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// Handles a batch of a FIFO queue: the records of each message group one after another in their order, different groups at
/// the same time. A group stops at its first failure: that record and the rest of its group, untried, are answered as
/// failed, so that SQS delivers them again in the same order.
///
/// A body that is no `T` fails like any other record; it keeps its group waiting until the queue gives it to the
/// dead-letter queue, and is logged without its content.
///
/// # Errors
/// [`NoMessageId`] when a record has none; nothing was handled then, and the whole batch must come again.
pub async fn fifo<T, H, F, E>(event: &SqsEvent, handle: H) -> Result<SqsBatchResponse, NoMessageId>
where
    T: DeserializeOwned,
    H: Fn(T) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let mut groups: Vec<Vec<Record<'_>>> = Vec::new();
    for record in Record::all(event)? {
        match groups.iter_mut().find(|group| group.first().is_some_and(|r| r.group() == record.group())) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    let failed = join_all(groups.into_iter().map(|group| in_order(group, &handle))).await;
    Ok(answer(failed.into_iter().flatten()))
}

/// Handles one group and gives back what must come again, in order.
async fn in_order<'a, T, H, F, E>(group: Vec<Record<'a>>, handle: &H) -> Vec<Failed<'a>>
where
    T: DeserializeOwned,
    H: Fn(T) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let mut records = group.into_iter();
    while let Some(record) = records.next() {
        if let Err(failed) = record.handle(handle).await {
            return std::iter::once(failed).chain(records.map(|rest| Failed(rest.id))).collect();
        }
    }
    Vec::new()
}
