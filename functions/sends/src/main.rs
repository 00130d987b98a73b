//! The function of sends: takes them (`POST /v2/sends`), tells what became of one, and takes one back while it waits.

mod cancel;
mod create;
mod routes;
mod send_id;
mod show;
#[cfg(test)]
mod tests;
mod upload;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoNumbers, DynamoSends};
use carteiro_aws::sqs::SqsSendQueue;
use carteiro_aws::{AwsClients, OsRandom, SecretsManagerSecret, SystemClock};
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::{AcceptSend, CancelSend};
use carteiro_http::{Authenticator, KeyRing};
use jiff::tz::TimeZone;
use lambda_http::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("sends", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let queue_url = settings.text("CARTEIRO_SENDS_QUEUE_URL")?;
    let jwt_secret = settings.text("CARTEIRO_JWT_SECRET")?;
    let plans = Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?);
    let zone = settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?;

    let aws = AwsClients::load().await;
    let dynamo = aws.dynamo();
    let clock = Arc::new(SystemClock);
    let accounts = Arc::new(DynamoAccounts::new(dynamo.clone(), &accounts_table));
    let numbers = Arc::new(DynamoNumbers::new(dynamo.clone(), accounts_table));
    let sends = Arc::new(DynamoSends::new(dynamo, sends_table));
    let queue = Arc::new(SqsSendQueue::new(aws.sqs(), queue_url));
    let keys =
        KeyRing::load(Arc::new(SecretsManagerSecret::new(aws.secrets(), jwt_secret)), clock.clone()).await?;

    let app = routes::App {
        authenticator: Authenticator::new(accounts, clock.clone(), Arc::new(keys)),
        accept: AcceptSend::new(sends.clone(), queue, numbers, plans, clock.clone(), Arc::new(OsRandom)),
        cancel: CancelSend::new(sends.clone(), clock),
        sends,
        zone,
    };
    carteiro_http::run(routes::router(app)?).await
}
