//! The users function: accounts are made by the operator, logged in to by password, and removed by their tenants.

mod log_in;
mod register;
mod remove;
mod routes;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoLinks, DynamoNumbers};
use carteiro_aws::sqs::{ShardQueues, SqsShardSender};
use carteiro_aws::{AwsClients, OsRandom, SecretsManagerSecret, SystemClock};
use carteiro_core::plan::Plans;
use carteiro_core::ports::Secret;
use carteiro_core::settings::Settings;
use carteiro_core::usecase::{RegisterUser, RemoveUser, Sessions};
use carteiro_http::{Authenticator, KeyRing, OperatorToken};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "users cannot go on");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error + Send + Sync>> {
    carteiro_telemetry::init("users", std::env::var("RUST_LOG").ok())?;
    let settings = Settings::new(|name| std::env::var(name).ok());
    let aws = AwsClients::load().await;
    let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
    let table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let accounts = Arc::new(DynamoAccounts::new(aws.dynamo(), &table));
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), &table));
    let plans = Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?);
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), settings.text("CARTEIRO_SESSIONS_TABLE")?)),
        commands: Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        clock: clock.clone(),
        random: random.clone(),
    };
    let secret = SecretsManagerSecret::new(aws.secrets(), settings.text("CARTEIRO_JWT_SECRET")?);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await?);
    let operator = SecretsManagerSecret::new(aws.secrets(), settings.text("CARTEIRO_OPERATOR_TOKEN_SECRET")?);
    let app = routes::App {
        authenticator: Authenticator::new(accounts.clone(), clock.clone(), keys),
        operator: OperatorToken::new(operator.current().await?)?,
        register: RegisterUser { accounts: accounts.clone(), clock, random, plans },
        remove: RemoveUser { accounts: accounts.clone(), numbers, sessions },
        accounts,
    };
    carteiro_http::run(routes::router(app)?).await
}
