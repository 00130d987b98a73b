//! The function of the schedule: each minute it queues again the sends that were left behind, ends those whose time is over, and
//! has alarms ring that are near; when one rings, it releases the scheduled sends that it is for.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAlarms, DynamoSends};
use carteiro_aws::sqs::{SqsSendQueue, SqsWakeQueue};
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::settings::Settings;
use carteiro_core::usecase::{Release, Sweep, SweepPorts};
use carteiro_telemetry::{Longest, Metrics};
use handler::Trigger;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("sweeper", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let queue_url = settings.text("CARTEIRO_SENDS_QUEUE_URL")?;
    let wakes_url = settings.text("CARTEIRO_WAKES_QUEUE_URL")?;

    let aws = AwsClients::load().await;
    let ports = SweepPorts {
        sends: Arc::new(DynamoSends::new(aws.dynamo(), &sends_table)),
        queue: Arc::new(SqsSendQueue::new(aws.sqs(), queue_url)),
        alarms: Arc::new(DynamoAlarms::new(aws.dynamo(), sends_table)),
        wakes: Arc::new(SqsWakeQueue::new(aws.sqs(), wakes_url)),
    };
    let clock = Arc::new(SystemClock);
    let (sends, queue, wakes) = (ports.sends.clone(), ports.queue.clone(), ports.wakes.clone());
    let release = Release::new(sends, queue, wakes, clock.clone());
    let metrics = Metrics::new("sweeper").of(settings.optional("CARTEIRO_DEPLOYMENT").as_deref());
    let oldest = Arc::new(Longest::new(metrics, handler::OLDEST));
    let measured = oldest.clone();
    let sweep = Sweep::new(ports, clock).measured_by(move |waited| measured.take_in(waited.as_secs_f64()));
    let run = async |event: LambdaEvent<Trigger>| {
        Ok::<_, Error>(handler::handle(&sweep, &release, &oldest, &SystemClock, event.payload).await?)
    };
    lambda_runtime::run(service_fn(run)).await
}
