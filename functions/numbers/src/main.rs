//! The numbers function: a tenant's numbers, and their connection to WhatsApp.

mod change;
mod connect;
mod pace;
mod routes;
mod status;
#[cfg(test)]
mod tests;

use axum::Router;
use carteiro_aws::dynamo::{DynamoAccounts, DynamoLinks, DynamoNumbers, DynamoPaces};
use carteiro_aws::sqs::{ShardQueues, SqsShardSender};
use carteiro_aws::{OsRandom, TokioSleeper};
use carteiro_core::shard::ShardCount;
use carteiro_core::usecase::{ChangeNumbers, ConnectNumber, FindRules, Pacing, Sessions};
use carteiro_core::user::ZoneName;
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
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), table.clone()));
    let sessions_table = settings.text("CARTEIRO_SESSIONS_TABLE")?;
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), sessions_table.clone())),
        commands: Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        clock: start.clock.clone(),
        random: Arc::new(OsRandom),
    };
    let shards = ShardCount::new(settings.parse("CARTEIRO_SHARD_COUNT")?)?;
    let plans = start.plans()?;
    let rules = FindRules {
        accounts: Arc::new(DynamoAccounts::new(aws.dynamo(), table)),
        paces: Arc::new(DynamoPaces::new(aws.dynamo(), sessions_table)),
        plans: plans.clone(),
        zone: settings.parse::<ZoneName>("CARTEIRO_TIME_ZONE")?.zone().clone(),
    };
    let app = routes::App {
        change: ChangeNumbers { numbers, sessions: sessions.clone(), plans, shards },
        connect: ConnectNumber { sessions: sessions.clone(), sleeper: Arc::new(TokioSleeper) },
        pacing: Pacing { sessions: sessions.clone(), rules },
        sessions,
    };
    Ok(routes::router(app, start.gate()?)?)
}
