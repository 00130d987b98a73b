//! The function of the queue `events`: delivers the streams that it is signalled to webhooks, each in its order, and tries again
//! for a day what a receiver does not take.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoReceivers, DynamoStreams};
use carteiro_aws::sqs::SqsEventQueue;
use carteiro_aws::{AwsClients, OsRandom, SystemClock};
use carteiro_core::settings::Settings;
use carteiro_core::usecase::{Attempts, DeliverStream, DeliverStreamPorts};
use carteiro_fetch::{Fetcher, Poster};
use carteiro_telemetry::{Longest, Metrics};
use lambda_runtime::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("webhooks", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let table = settings.text("CARTEIRO_WEBHOOKS_TABLE")?;
    let queue_url = settings.text("CARTEIRO_EVENTS_QUEUE_URL")?;
    let fetcher = Fetcher::of_settings(&settings, Poster::DEADLINES)?;

    let aws = AwsClients::load().await;
    let attempts = Attempts {
        postman: Arc::new(Poster::new(fetcher)),
        clock: Arc::new(SystemClock),
        draw: |text| carteiro_qr::png_data_uri(text).ok(),
    };
    let ports = DeliverStreamPorts {
        receivers: Arc::new(DynamoReceivers::new(aws.dynamo(), &table)),
        streams: Arc::new(DynamoStreams::new(aws.dynamo(), table)),
        queue: Arc::new(SqsEventQueue::new(aws.sqs(), queue_url)),
        random: Arc::new(OsRandom),
    };
    let metrics = Metrics::new("webhooks").of(settings.optional("CARTEIRO_DEPLOYMENT").as_deref());
    let lag = Arc::new(Longest::new(metrics, handler::LAG));
    let measured = lag.clone();
    let deliver =
        DeliverStream::new(ports, attempts).measured_by(move |waited| measured.take_in(waited.as_secs_f64()));
    carteiro_queue::run_standard_counted(|signal, receives, end| {
        handler::handle(&deliver, &lag, signal, receives, end)
    })
    .await
}
