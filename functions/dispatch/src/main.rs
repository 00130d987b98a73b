//! The function of `sends.fifo`: looks again whether each accepted send may be sent, makes its file ready, and hands it to the
//! shard that its number lives on. Signals of one number are handled in their order.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoNumbers, DynamoPreparations, DynamoSends};
use carteiro_aws::s3::S3Objects;
use carteiro_aws::sqs::{ShardQueues, SqsShardSender};
use carteiro_aws::{AwsClients, OsRandom, SystemClock};
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::{Dispatch, DispatchPorts};
use carteiro_fetch::{Deadlines, Fetcher};
use carteiro_prepare::FilePreparer;
use lambda_runtime::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("dispatch", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let plans = Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?);
    let fetcher = Fetcher::of_settings(&settings, Deadlines::default())?;

    let aws = AwsClients::load().await;
    let dynamo = aws.dynamo();
    let objects = Arc::new(S3Objects::new(aws.s3(), bucket));
    let scratch = std::env::temp_dir();
    let ports = DispatchPorts {
        sends: Arc::new(DynamoSends::new(dynamo.clone(), &sends_table)),
        accounts: Arc::new(DynamoAccounts::new(dynamo.clone(), &accounts_table)),
        numbers: Arc::new(DynamoNumbers::new(dynamo.clone(), accounts_table)),
        shards: Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        preparations: Arc::new(DynamoPreparations::new(dynamo, sends_table)),
        preparer: Arc::new(FilePreparer::new(fetcher, objects, Arc::new(OsRandom), scratch)),
    };
    let dispatch = Dispatch::new(ports, plans, Arc::new(SystemClock));
    carteiro_queue::run_fifo(|accepted, end| handler::handle(&dispatch, accepted, end)).await
}
