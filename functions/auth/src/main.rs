//! The auth function: one-time passwords, and the JWTs they buy. It also answers, in the API's shape, what no route has: the
//! gateway sends it everything that is left.

mod even;
mod fields;
mod request;
mod routes;
#[cfg(test)]
mod tests;
mod validate;

use axum::Router;
use carteiro_aws::dynamo::{DynamoChallenges, DynamoRates};
use carteiro_aws::{OsRandom, SesMailer, SnsMessenger};
use carteiro_core::sms::SmsPolicy;
use carteiro_core::usecase::OneTimePasswords;
use carteiro_http::routes::Function;
use carteiro_start::{Error, Start};
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Auth, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, Error> {
    let table = start.settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let mailer = SesMailer::new(start.aws.ses(), start.settings.text("CARTEIRO_MAIL_FROM")?)
        .configured_by(start.settings.optional("CARTEIRO_MAIL_CONFIGURATION"));
    let countries = start.settings.parse("CARTEIRO_SMS_COUNTRIES")?;
    let sms = SmsPolicy::new(countries, start.settings.parse("CARTEIRO_SMS_PER_HOUR")?);
    let otp = OneTimePasswords {
        accounts: start.accounts()?,
        challenges: Arc::new(DynamoChallenges::new(start.aws.dynamo(), &table)),
        rates: Arc::new(DynamoRates::new(start.aws.dynamo(), &table)),
        mailer: Arc::new(mailer),
        messenger: Arc::new(SnsMessenger::new(start.aws.sns())),
        sms,
        clock: start.clock.clone(),
        random: Arc::new(OsRandom),
        plans: start.plans()?,
    };
    let (authenticator, keys) = (start.authenticator()?, start.keys()?);
    Ok(routes::router(routes::App { otp, authenticator, keys }, start.gate()?)?)
}
