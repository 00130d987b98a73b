//! The function of the schedule: each minute it queues again the sends that were left behind, and ends those whose time is over.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::DynamoSends;
use carteiro_aws::sqs::SqsSendQueue;
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::settings::Settings;
use carteiro_core::usecase::Sweep;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::IgnoredAny;
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

    let aws = AwsClients::load().await;
    let sends = Arc::new(DynamoSends::new(aws.dynamo(), sends_table));
    let queue = Arc::new(SqsSendQueue::new(aws.sqs(), queue_url));
    let sweep = Sweep::new(sends, queue, Arc::new(SystemClock));
    // That the event came is all there is to know of it.
    let run =
        async |_: LambdaEvent<IgnoredAny>| Ok::<(), Error>(handler::handle(&sweep, &SystemClock).await?);
    lambda_runtime::run(service_fn(run)).await
}
