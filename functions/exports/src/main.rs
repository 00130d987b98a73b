//! The function of the queue `exports`: writes the reports that are too large for one answer to the bucket. What takes longer
//! than a run goes on in the next one.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoExports, DynamoSends};
use carteiro_aws::s3::{S3ObjectParts, S3Objects};
use carteiro_aws::sqs::SqsExportQueue;
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::settings::Settings;
use carteiro_core::usecase::WriteExport;
use lambda_runtime::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("exports", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let queue_url = settings.text("CARTEIRO_EXPORTS_QUEUE_URL")?;

    let aws = AwsClients::load().await;
    let write = WriteExport::new(
        Arc::new(DynamoSends::new(aws.dynamo(), &sends_table)),
        Arc::new(DynamoExports::new(aws.dynamo(), sends_table)),
        Arc::new(SqsExportQueue::new(aws.sqs(), queue_url)),
        Arc::new(S3ObjectParts::new(aws.s3(), &bucket)),
        Arc::new(S3Objects::new(aws.s3(), bucket)),
        Arc::new(SystemClock),
    );
    carteiro_queue::run_standard(|wanted| handler::handle(&write, wanted)).await
}
