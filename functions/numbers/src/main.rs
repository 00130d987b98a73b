//! The numbers function: a tenant's numbers, and their connection to WhatsApp.

mod change;
mod connect;
mod routes;
mod status;
#[cfg(test)]
mod tests;

use axum::Router;
use carteiro_aws::dynamo::{DynamoLinks, DynamoNumbers};
use carteiro_aws::sqs::{ShardQueues, SqsShardSender};
use carteiro_aws::{OsRandom, TokioSleeper};
use carteiro_core::shard::ShardCount;
use carteiro_core::usecase::{ChangeNumbers, ConnectNumber, Sessions};
use carteiro_http::routes::Function;
use carteiro_start::Start;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Numbers, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, carteiro_start::Error> {
    let (settings, aws) = (&start.settings, &start.aws);
    let table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), table));
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), settings.text("CARTEIRO_SESSIONS_TABLE")?)),
        commands: Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        clock: start.clock.clone(),
        random: Arc::new(OsRandom),
    };
    let shards = ShardCount::new(settings.parse("CARTEIRO_SHARD_COUNT")?)?;
    let app = routes::App {
        change: ChangeNumbers { numbers, sessions: sessions.clone(), plans: start.plans()?, shards },
        connect: ConnectNumber { sessions: sessions.clone(), sleeper: Arc::new(TokioSleeper) },
        sessions,
    };
    Ok(routes::router(app, start.gate().await?)?)
}
