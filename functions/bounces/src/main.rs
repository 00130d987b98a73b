//! The function of the queue `bounces`: notes with tenants that mail to them came back.

mod handler;
mod notice;
#[cfg(test)]
mod tests;

use carteiro_aws::AwsClients;
use carteiro_aws::dynamo::DynamoAccounts;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::NoteReturnedMail;
use lambda_runtime::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("bounces", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;

    let aws = AwsClients::load().await;
    let note = NoteReturnedMail { accounts: Arc::new(DynamoAccounts::new(aws.dynamo(), accounts_table)) };
    carteiro_queue::run_standard(|notification| handler::handle(&note, notification)).await
}
