//! The function of reports: what became of a tenant's sends (`GET /v2/reports/sends`).

mod routes;
mod sends;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoSends};
use carteiro_aws::{AwsClients, SecretsManagerSecret, SystemClock};
use carteiro_core::ports::Secret;
use carteiro_core::report::CursorKey;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::Report;
use carteiro_http::{Authenticator, KeyRing};
use jiff::tz::TimeZone;
use lambda_http::Error;
use secrecy::ExposeSecret;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("reports", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let jwt_secret = settings.text("CARTEIRO_JWT_SECRET")?;
    let zone = settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?;

    let aws = AwsClients::load().await;
    let clock = Arc::new(SystemClock);
    let accounts = Arc::new(DynamoAccounts::new(aws.dynamo(), accounts_table));
    let sends = Arc::new(DynamoSends::new(aws.dynamo(), sends_table));
    let secret = Arc::new(SecretsManagerSecret::new(aws.secrets(), jwt_secret));
    // A cursor is for minutes, so the key in use is enough: one that is replaced ends the reports under way.
    let cursors = CursorKey::derive(secret.current().await?.expose_secret().as_bytes());
    let keys = KeyRing::load(secret, clock.clone()).await?;

    let app = routes::App {
        authenticator: Authenticator::new(accounts, clock.clone(), Arc::new(keys)),
        report: Report::new(sends, clock, zone, cursors),
    };
    carteiro_http::run(routes::router(app)?).await
}
