//! The function of bulk sends. It answers the routes below `/v2/sends/bulk`, and the queue `bulk` calls it to make the sends of
//! an operation, a few at a time: one function for both, since the two are halves of one thing and neither is busy for long.

mod body;
mod change;
mod create;
mod event;
mod limit;
mod list;
mod operation_id;
mod routes;
mod rows;
mod show;
#[cfg(test)]
mod tests;
mod turn;

use carteiro_aws::OsRandom;
use carteiro_aws::dynamo::{DynamoAlarms, DynamoBulks, DynamoNumbers, DynamoPaces, DynamoSends, DynamoUsage};
use carteiro_aws::s3::S3Objects;
use carteiro_aws::sqs::{SqsBulkQueue, SqsSendQueue, SqsWakeQueue};
use carteiro_core::usecase::{
    AcceptBulk, AcceptPorts, AcceptSend, BulkPorts, CancelSend, ChangeBulk, FindRules, RunBulk, RunBulkPorts,
    ShowBulk,
};
use carteiro_http::routes::Function;
use carteiro_start::{Error, Start};
use event::Handler;
use jiff::tz::TimeZone;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    carteiro_start::serve_events(Function::Bulk, environment, async |start: Start| {
        let handler = Arc::new(handler(start).await?);
        Ok(move |event| {
            let handler = Arc::clone(&handler);
            async move { handler.handle(event).await }
        })
    })
    .await
}

async fn handler(start: Start) -> Result<Handler, Error> {
    let settings = &start.settings;
    let (aws, clock, plans, accounts) = (&start.aws, start.clock.clone(), start.plans()?, start.accounts()?);
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let zone = settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?;

    let bulks = Arc::new(DynamoBulks::new(aws.dynamo(), &sends_table));
    let queue = Arc::new(SqsBulkQueue::new(aws.sqs(), settings.text("CARTEIRO_BULK_QUEUE_URL")?));
    let sends = Arc::new(DynamoSends::new(aws.dynamo(), &sends_table));
    let objects = Arc::new(S3Objects::new(aws.s3(), settings.text("CARTEIRO_MEDIA_BUCKET")?));
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), accounts_table));
    let ports = AcceptPorts {
        sends: sends.clone(),
        queue: Arc::new(SqsSendQueue::new(aws.sqs(), settings.text("CARTEIRO_SENDS_QUEUE_URL")?)),
        numbers: numbers.clone(),
        objects: objects.clone(),
        usage: Arc::new(DynamoUsage::new(aws.dynamo(), &sends_table)),
        alarms: Arc::new(DynamoAlarms::new(aws.dynamo(), sends_table)),
        wakes: Arc::new(SqsWakeQueue::new(aws.sqs(), settings.text("CARTEIRO_WAKES_QUEUE_URL")?)),
    };
    let random = Arc::new(OsRandom);
    let accept_send = AcceptSend::new(ports, plans.clone(), zone.clone(), clock.clone(), random.clone());
    let cancel_send = CancelSend::new(sends.clone(), clock.clone());
    let run_ports = RunBulkPorts {
        bulks: bulks.clone(),
        queue: queue.clone(),
        sends: sends.clone(),
        objects: objects.clone(),
        rules: FindRules {
            accounts,
            paces: Arc::new(DynamoPaces::new(aws.dynamo(), settings.text("CARTEIRO_SESSIONS_TABLE")?)),
            plans: plans.clone(),
            zone: zone.clone(),
        },
    };
    let run = RunBulk::new(run_ports, accept_send, cancel_send, clock.clone());
    let ports = BulkPorts { bulks: bulks.clone(), queue: queue.clone(), objects, numbers };
    let app = routes::App {
        accept: AcceptBulk::new(ports, plans, clock.clone(), random),
        change: ChangeBulk::new(bulks.clone(), queue.clone()),
        show: ShowBulk::new(bulks, sends, queue, clock),
        zone,
    };
    Ok(Handler { router: routes::router(app, start.gate()?)?, run })
}
