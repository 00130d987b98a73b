//! The numbers function: a tenant's numbers, and their connection to WhatsApp.

mod change;
mod connect;
mod qr;
mod routes;
mod status;
#[cfg(test)]
mod tests;

use carteiro_aws::dynamo::{DynamoAccounts, DynamoLinks, DynamoNumbers};
use carteiro_aws::sqs::{ShardQueues, SqsShardSender};
use carteiro_aws::{AwsClients, OsRandom, SecretsManagerSecret, SystemClock, TokioSleeper};
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_core::shard::ShardCount;
use carteiro_core::usecase::{ChangeNumbers, ConnectNumber, Sessions};
use carteiro_http::{Authenticator, KeyRing};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "numbers cannot go on");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error + Send + Sync>> {
    carteiro_telemetry::init("numbers", std::env::var("RUST_LOG").ok())?;
    let settings = Settings::new(|name| std::env::var(name).ok());
    let aws = AwsClients::load().await;
    let clock = Arc::new(SystemClock);
    let table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let accounts = Arc::new(DynamoAccounts::new(aws.dynamo(), &table));
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), &table));
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), settings.text("CARTEIRO_SESSIONS_TABLE")?)),
        commands: Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        clock: clock.clone(),
        random: Arc::new(OsRandom),
    };
    let secret = SecretsManagerSecret::new(aws.secrets(), settings.text("CARTEIRO_JWT_SECRET")?);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await?);
    let plans = Arc::new(settings.read("CARTEIRO_PLANS", Plans::from_json)?);
    let shards = ShardCount::new(settings.parse("CARTEIRO_SHARD_COUNT")?)?;
    let app = routes::App {
        authenticator: Authenticator::new(accounts, clock, keys),
        change: ChangeNumbers { numbers, sessions: sessions.clone(), plans, shards },
        connect: ConnectNumber { sessions: sessions.clone(), sleeper: Arc::new(TokioSleeper) },
        sessions,
    };
    carteiro_http::run(routes::router(app)?).await
}
