//! Batches of standard queues.

use crate::record::{Failed, NoMessageId, Record, answer};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// How many records of a batch are handled at the same time.
const CONCURRENCY: usize = 16;

/// Handles every record of a batch of a standard queue, up to 16 at a time and in no order, and answers which failed.
///
/// A body that is no `T` is logged, without its content, and reported as failed, so that it ends in the dead-letter queue.
///
/// # Errors
/// [`NoMessageId`] when a record has none; nothing was handled then, and the whole batch must come again.
pub async fn standard<T, H, F, E>(event: &SqsEvent, handle: H) -> Result<SqsBatchResponse, NoMessageId>
where
    T: DeserializeOwned,
    H: Fn(T) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let records = Record::all(event)?;
    let handled: Vec<Result<(), Failed<'_>>> =
        stream::iter(records).map(|record| record.handle(&handle)).buffered(CONCURRENCY).collect().await;
    Ok(answer(handled.into_iter().filter_map(Result::err)))
}

/// As [`standard`]; `handle` is told how often each message came out of the queue, this time included, as far as SQS knows (it
/// does so roughly; one without the count is taken to have come before).
///
/// # Errors
/// [`NoMessageId`], as of [`standard`].
pub async fn standard_counted<T, H, F, E>(
    event: &SqsEvent,
    handle: H,
) -> Result<SqsBatchResponse, NoMessageId>
where
    T: DeserializeOwned,
    H: Fn(T, u32) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let records = Record::all(event)?;
    let handle = &handle;
    let handled: Vec<Result<(), Failed<'_>>> = stream::iter(records)
        .map(|record| async move {
            let receives = record.receives().parse().unwrap_or(u32::MAX);
            record.handle(&|message: T| handle(message, receives)).await
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    Ok(answer(handled.into_iter().filter_map(Result::err)))
}
