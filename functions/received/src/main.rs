//! The function of the queue `media`: keeps a copy of each file that a number receives, while WhatsApp's servers have it.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoChats};
use carteiro_aws::s3::S3Objects;
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::KeepMedia;
use carteiro_fetch::{Deadlines, Fetcher};
use carteiro_prepare::{CopyBudget, FileCopier};
use lambda_runtime::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("received", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let chats_table = settings.text("CARTEIRO_CHATS_TABLE")?;
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let plans = Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?);
    let fetcher = Fetcher::of_settings(&settings, Deadlines::default())?;

    let aws = AwsClients::load().await;
    let chats = Arc::new(DynamoChats::new(aws.dynamo(), chats_table));
    let objects = Arc::new(S3Objects::new(aws.s3(), bucket));
    let copier = FileCopier::new(fetcher, objects, std::env::temp_dir(), CopyBudget::QUEUED);
    let keep = KeepMedia {
        reader: chats.clone(),
        writer: chats,
        accounts: Arc::new(DynamoAccounts::new(aws.dynamo(), accounts_table)),
        plans,
        copier: Arc::new(copier),
        clock: Arc::new(SystemClock),
    };
    carteiro_queue::run_standard(|received| handler::handle(&keep, received)).await
}
