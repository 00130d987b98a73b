//! The users function: accounts are made by the operator, logged in to by password, and removed by their tenants, who also keep
//! their API tokens here.

mod log_in;
mod operator;
mod privacy;
mod register;
mod remove;
mod retention;
mod routes;
#[cfg(test)]
mod tests;
mod token_id;
mod tokens;

use axum::Router;
use carteiro_aws::OsRandom;
use carteiro_aws::dynamo::{
    AwsPersonalData, DynamoApiKeys, DynamoAudit, DynamoLinks, DynamoNamedSessions, DynamoNumbers,
    DynamoPairings, DynamoPrivacy, DynamoRates, DynamoReceivers, PersonalTables,
};
use carteiro_aws::s3::S3ObjectLinks;
use carteiro_aws::sqs::{ShardQueues, SqsExportQueue, SqsShardSender};
use carteiro_core::usecase::{
    AskPrivacy, ChooseRetention, FindPrivacy, LogIn, OperatorPrivacy, RegisterUser, RemoveUser, Sessions,
    Tokens, Trail,
};
use carteiro_http::routes::Function;
use carteiro_start::Start;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Users, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, carteiro_start::Error> {
    let (settings, aws) = (&start.settings, &start.aws);
    let (clock, random) = (start.clock.clone(), Arc::new(OsRandom));
    let table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sessions_table = settings.text("CARTEIRO_SESSIONS_TABLE")?;
    let accounts = start.accounts()?;
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), &table));
    let queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), &sessions_table)),
        commands: Arc::new(SqsShardSender::new(aws.sqs(), queues)),
        clock: clock.clone(),
        random: random.clone(),
    };
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let chats_table = settings.text("CARTEIRO_CHATS_TABLE")?;
    let webhooks_table = settings.text("CARTEIRO_WEBHOOKS_TABLE")?;
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let queue_url = settings.text("CARTEIRO_EXPORTS_QUEUE_URL")?;
    let operations = Arc::new(DynamoPrivacy::new(aws.dynamo(), &sends_table));
    let tables = PersonalTables {
        accounts: &table,
        sends: &sends_table,
        sessions: &sessions_table,
        chats: &chats_table,
        webhooks: &webhooks_table,
    };
    let personal = AwsPersonalData::new(aws.dynamo(), tables, aws.s3(), &bucket);
    let privacy = Arc::new(AskPrivacy {
        operations: operations.clone(),
        queue: Arc::new(SqsExportQueue::new(aws.sqs(), queue_url)),
        personal: Arc::new(personal),
        clock: clock.clone(),
    });
    let links = Arc::new(S3ObjectLinks::new(aws, bucket, clock.clone()));
    let trail = Trail {
        store: Arc::new(DynamoAudit::new(aws.dynamo(), &table)),
        clock: clock.clone(),
        random: random.clone(),
    };
    let log_in = LogIn {
        accounts: accounts.clone(),
        rates: Arc::new(DynamoRates::new(aws.dynamo(), &table)),
        clock: clock.clone(),
    };
    let remove = Arc::new(RemoveUser {
        accounts: accounts.clone(),
        log_in: log_in.clone(),
        numbers,
        sessions,
        named: Arc::new(DynamoNamedSessions::new(aws.dynamo(), &sessions_table)),
        pairings: Arc::new(DynamoPairings::new(aws.dynamo(), sessions_table)),
        receivers: Arc::new(DynamoReceivers::new(aws.dynamo(), webhooks_table)),
        privacy: privacy.clone(),
        clock: clock.clone(),
    });
    let plans = start.plans()?;
    let find = Arc::new(FindPrivacy { operations, links, clock: clock.clone() });
    let app = routes::App {
        operator: OperatorPrivacy {
            accounts: accounts.clone(),
            ask: privacy.clone(),
            find: find.clone(),
            remove: remove.clone(),
            trail: trail.clone(),
        },
        retention: ChooseRetention { accounts: accounts.clone(), plans: plans.clone() },
        operations: find.clone(),
        privacy,
        authenticator: start.authenticator()?,
        register: RegisterUser { accounts, clock: clock.clone(), random: random.clone(), plans, trail },
        remove,
        tokens: Tokens { keys: Arc::new(DynamoApiKeys::new(aws.dynamo(), &table)), clock, random },
        log_in,
    };
    Ok(routes::router(app, start.gate()?)?)
}
