//! The function of the queue `exports`: writes the reports that are too large for one answer to the bucket, and exports and erases
//! personal data. What takes longer than a run goes on in the next one.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{
    AwsPersonalData, DynamoAccounts, DynamoExports, DynamoLinks, DynamoPrivacy, DynamoSends, PersonalTables,
};
use carteiro_aws::s3::{S3ObjectParts, S3Objects};
use carteiro_aws::sqs::SqsExportQueue;
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::settings::Settings;
use carteiro_core::usecase::{RunPrivacy, RunPrivacyPorts, WriteExport};
use lambda_runtime::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("exports", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let sessions_table = settings.text("CARTEIRO_SESSIONS_TABLE")?;
    let chats_table = settings.text("CARTEIRO_CHATS_TABLE")?;
    let webhooks_table = settings.text("CARTEIRO_WEBHOOKS_TABLE")?;
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let queue_url = settings.text("CARTEIRO_EXPORTS_QUEUE_URL")?;

    let aws = AwsClients::load().await;
    let queue = Arc::new(SqsExportQueue::new(aws.sqs(), queue_url));
    let parts = Arc::new(S3ObjectParts::new(aws.s3(), &bucket));
    let objects = Arc::new(S3Objects::new(aws.s3(), &bucket));
    let write = WriteExport::new(
        Arc::new(DynamoSends::new(aws.dynamo(), &sends_table)),
        Arc::new(DynamoExports::new(aws.dynamo(), &sends_table)),
        queue.clone(),
        parts.clone(),
        objects.clone(),
        Arc::new(SystemClock),
    );
    let privacy = RunPrivacy::new(RunPrivacyPorts {
        operations: Arc::new(DynamoPrivacy::new(aws.dynamo(), &sends_table)),
        queue,
        accounts: Arc::new(DynamoAccounts::new(aws.dynamo(), &accounts_table)),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), &sessions_table)),
        personal: Arc::new(AwsPersonalData::new(
            aws.dynamo(),
            PersonalTables {
                accounts: &accounts_table,
                sends: &sends_table,
                sessions: &sessions_table,
                chats: &chats_table,
                webhooks: &webhooks_table,
            },
            aws.s3(),
            &bucket,
        )),
        parts,
        objects,
        clock: Arc::new(SystemClock),
    });
    let worker = handler::Worker { write, privacy };
    carteiro_queue::run_standard(|wanted| handler::handle(&worker, wanted)).await
}
