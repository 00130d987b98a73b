//! The function of sends: takes them (`POST /v2/sends`, `POST /v2/upload/sends`), lets files be uploaded (`POST /v2/uploads`), tells
//! what became of a send, and takes one back while it waits.

mod accepted;
mod cancel;
mod create;
mod form;
mod routes;
mod send_id;
mod show;
#[cfg(test)]
mod tests;
mod upload;
mod uploads;
mod v1;

use axum::Router;
use carteiro_aws::OsRandom;
use carteiro_aws::dynamo::{DynamoAlarms, DynamoNumbers, DynamoSends, DynamoUsage};
use carteiro_aws::s3::{S3ObjectLinks, S3Objects};
use carteiro_aws::sqs::{SqsSendQueue, SqsWakeQueue};
use carteiro_core::usecase::{AcceptPorts, AcceptSend, CancelSend, OfferUpload};
use carteiro_http::routes::Function;
use carteiro_start::{Error, Start};
use jiff::tz::TimeZone;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Sends, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, Error> {
    let settings = &start.settings;
    let (aws, clock, plans) = (&start.aws, start.clock.clone(), start.plans()?);
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let queue_url = settings.text("CARTEIRO_SENDS_QUEUE_URL")?;
    let wakes_url = settings.text("CARTEIRO_WAKES_QUEUE_URL")?;
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let zone = settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?;

    let sends = Arc::new(DynamoSends::new(aws.dynamo(), &sends_table));
    let ports = AcceptPorts {
        sends: sends.clone(),
        queue: Arc::new(SqsSendQueue::new(aws.sqs(), queue_url)),
        numbers: Arc::new(DynamoNumbers::new(aws.dynamo(), accounts_table)),
        objects: Arc::new(S3Objects::new(aws.s3(), &bucket)),
        usage: Arc::new(DynamoUsage::new(aws.dynamo(), &sends_table)),
        alarms: Arc::new(DynamoAlarms::new(aws.dynamo(), sends_table)),
        wakes: Arc::new(SqsWakeQueue::new(aws.sqs(), wakes_url)),
    };
    let links = Arc::new(S3ObjectLinks::new(aws, bucket, clock.clone()));
    let app = routes::App {
        accept: AcceptSend::new(ports, plans.clone(), zone.clone(), clock.clone(), Arc::new(OsRandom)),
        offer: OfferUpload { links, plans, clock: clock.clone(), random: Arc::new(OsRandom) },
        cancel: CancelSend::new(sends.clone(), clock),
        sends,
        zone,
    };
    Ok(routes::router(app, start.gate()?)?)
}
