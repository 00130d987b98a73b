//! The auth function: one-time passwords, and the JWTs they buy. It also answers, in the API's shape, what no route has: the
//! gateway sends it everything that is left.

mod even;
mod fields;
mod request;
mod routes;
#[cfg(test)]
mod tests;
mod validate;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoChallenges};
use carteiro_aws::{AwsClients, OsRandom, SecretsManagerSecret, SesMailer, SnsMessenger, SystemClock};
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::OneTimePasswords;
use carteiro_http::{Authenticator, KeyRing};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "auth cannot go on");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error + Send + Sync>> {
    carteiro_telemetry::init("auth", std::env::var("RUST_LOG").ok())?;
    let settings = Settings::new(|name| std::env::var(name).ok());
    let aws = AwsClients::load().await;
    let (clock, table) = (Arc::new(SystemClock), settings.text("CARTEIRO_ACCOUNTS_TABLE")?);
    let accounts = Arc::new(DynamoAccounts::new(aws.dynamo(), &table));
    let secret = SecretsManagerSecret::new(aws.secrets(), settings.text("CARTEIRO_JWT_SECRET")?);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await?);
    let otp = OneTimePasswords {
        accounts: accounts.clone(),
        challenges: Arc::new(DynamoChallenges::new(aws.dynamo(), &table)),
        mailer: Arc::new(SesMailer::new(aws.ses(), settings.text("CARTEIRO_MAIL_FROM")?)),
        messenger: Arc::new(SnsMessenger::new(aws.sns())),
        clock: clock.clone(),
        random: Arc::new(OsRandom),
        plans: Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?),
    };
    let authenticator = Authenticator::new(accounts, clock, keys.clone());
    let app = routes::App { otp, authenticator, keys, step: even::STEP };
    carteiro_http::run(routes::router(app)?).await
}
