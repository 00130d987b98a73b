//! The function of `sends.fifo`: looks again whether each accepted send may be sent, and hands it to the shard that its number
//! lives on. Signals of one number are handled in their order.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoNumbers, DynamoSends};
use carteiro_aws::sqs::{ShardQueues, SqsShardSender};
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::Dispatch;
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
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let plans = Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?);

    let aws = AwsClients::load().await;
    let dynamo = aws.dynamo();
    let dispatch = Dispatch::new(
        Arc::new(DynamoSends::new(dynamo.clone(), sends_table)),
        Arc::new(DynamoAccounts::new(dynamo.clone(), &accounts_table)),
        Arc::new(DynamoNumbers::new(dynamo, accounts_table)),
        Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        plans,
        Arc::new(SystemClock),
    );
    carteiro_queue::run_fifo(|accepted| handler::handle(&dispatch, accepted)).await
}
