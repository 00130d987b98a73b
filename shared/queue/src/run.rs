//! The functions' main loops.

use crate::{fifo, standard, standard_counted};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::time::SystemTime;

/// Serves the batches of a FIFO queue until Lambda ends the process; see [`fifo()`]. Each message is handled with the time at
/// which Lambda ends the run that it is in.
///
/// # Errors
/// When the Lambda Runtime API cannot be spoken to.
pub async fn run_fifo<T, H, F, E>(handle: H) -> Result<(), Error>
where
    T: DeserializeOwned,
    H: Fn(T, SystemTime) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let handle = &handle;
    let serve = async |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
        let end = event.context.deadline();
        Ok(fifo(&event.payload, |message| handle(message, end)).await?)
    };
    lambda_runtime::run(service_fn(serve)).await
}

/// Serves the batches of a standard queue until Lambda ends the process; see [`standard()`].
///
/// # Errors
/// When the Lambda Runtime API cannot be spoken to.
pub async fn run_standard<T, H, F, E>(handle: H) -> Result<(), Error>
where
    T: DeserializeOwned,
    H: Fn(T) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let handle = &handle;
    let serve = async |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
        Ok(standard(&event.payload, handle).await?)
    };
    lambda_runtime::run(service_fn(serve)).await
}

/// Serves the batches of a standard queue until Lambda ends the process; see [`standard_counted()`]. Each message is handled with
/// the time at which Lambda ends the run that it is in.
///
/// # Errors
/// When the Lambda Runtime API cannot be spoken to.
pub async fn run_standard_counted<T, H, F, E>(handle: H) -> Result<(), Error>
where
    T: DeserializeOwned,
    H: Fn(T, u32, SystemTime) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let handle = &handle;
    let serve = async |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
        let end = event.context.deadline();
        Ok(standard_counted(&event.payload, |message, receives| handle(message, receives, end)).await?)
    };
    lambda_runtime::run(service_fn(serve)).await
}
