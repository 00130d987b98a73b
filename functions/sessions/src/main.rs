//! The function of V1: sessions by name, what is on their numbers, and what can be done with them.

mod asked;
mod chats;
mod contacts;
mod list;
mod live;
mod me;
mod media;
mod messages;
mod ninth_digit;
mod pairing;
mod people;
mod rotas;
mod routes;
mod sends;
mod sent;
mod session;
#[cfg(test)]
mod tests;

use axum::Router;
use carteiro_aws::dynamo::{
    DynamoAlarms, DynamoAnswers, DynamoChats, DynamoLinks, DynamoNamedSessions, DynamoNumbers,
    DynamoPairings, DynamoReceivers, DynamoSends, DynamoUsage,
};
use carteiro_aws::s3::{S3ObjectLinks, S3Objects};
use carteiro_aws::sqs::{ShardQueues, SqsSendQueue, SqsShardSender, SqsWakeQueue};
use carteiro_aws::{OsRandom, TokioSleeper};
use carteiro_core::shard::ShardCount;
use carteiro_core::usecase::{
    AcceptPorts, AcceptSend, Ask, AskPorts, KeepMedia, Sessions, SetReceiver, V1Sessions,
};
use carteiro_fetch::{Deadlines, Fetcher};
use carteiro_http::routes::Function;
use carteiro_prepare::{CopyBudget, FileCopier};
use carteiro_start::{Error, Start};
use jiff::tz::TimeZone;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Sessions, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, Error> {
    let (settings, aws, clock, plans) = (&start.settings, &start.aws, start.clock.clone(), start.plans()?);
    let accounts_table = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let sends_table = settings.text("CARTEIRO_SENDS_TABLE")?;
    let sessions_table = settings.text("CARTEIRO_SESSIONS_TABLE")?;
    let chats_table = settings.text("CARTEIRO_CHATS_TABLE")?;
    let webhooks_table = settings.text("CARTEIRO_WEBHOOKS_TABLE")?;
    let sends_queue = settings.text("CARTEIRO_SENDS_QUEUE_URL")?;
    let wakes_queue = settings.text("CARTEIRO_WAKES_QUEUE_URL")?;
    let shard_queues = ShardQueues::new(settings.text("CARTEIRO_SESSION_QUEUE_PREFIX")?);
    let bucket = settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let zone = settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?;
    let shards = ShardCount::new(settings.parse("CARTEIRO_SHARD_COUNT")?)?;
    let fetcher = Fetcher::of_settings(settings, Deadlines::default())?;

    let random = Arc::new(OsRandom);
    let sleeper = Arc::new(TokioSleeper);
    let numbers = Arc::new(DynamoNumbers::new(aws.dynamo(), accounts_table));
    let links = Arc::new(DynamoLinks::new(aws.dynamo(), &sessions_table));
    let names = Arc::new(DynamoNamedSessions::new(aws.dynamo(), &sessions_table));
    let chats = Arc::new(DynamoChats::new(aws.dynamo(), &chats_table));
    let commands = Arc::new(SqsShardSender::new(aws.sqs(), shard_queues));
    let objects = Arc::new(S3Objects::new(aws.s3(), &bucket));
    let accept = AcceptPorts {
        sends: Arc::new(DynamoSends::new(aws.dynamo(), &sends_table)),
        queue: Arc::new(SqsSendQueue::new(aws.sqs(), sends_queue)),
        numbers: numbers.clone(),
        objects: objects.clone(),
        usage: Arc::new(DynamoUsage::new(aws.dynamo(), &sends_table)),
        alarms: Arc::new(DynamoAlarms::new(aws.dynamo(), sends_table)),
        wakes: Arc::new(SqsWakeQueue::new(aws.sqs(), wakes_queue)),
    };
    let pairing = V1Sessions {
        named: names.clone(),
        pairings: Arc::new(DynamoPairings::new(aws.dynamo(), sessions_table)),
        sessions: Sessions {
            numbers,
            links: links.clone(),
            commands: commands.clone(),
            clock: clock.clone(),
            random: random.clone(),
        },
        plans: plans.clone(),
        shards,
        sleeper: sleeper.clone(),
    };
    let ask = AskPorts {
        shards: commands,
        answers: Arc::new(DynamoAnswers::new(aws.dynamo(), chats_table)),
        clock: clock.clone(),
        sleeper,
        random: random.clone(),
    };
    let keep = KeepMedia {
        reader: chats.clone(),
        writer: chats.clone(),
        accounts: start.accounts()?,
        plans: plans.clone(),
        copier: Arc::new(FileCopier::new(fetcher, objects, std::env::temp_dir(), CopyBudget::WAITED_FOR)),
        clock: clock.clone(),
    };
    let app = routes::App {
        names,
        links,
        chats,
        pairing,
        receivers: SetReceiver {
            receivers: Arc::new(DynamoReceivers::new(aws.dynamo(), webhooks_table)),
            clock: clock.clone(),
            random: random.clone(),
        },
        ask: Ask::new(ask),
        accept: AcceptSend::new(accept, plans, zone, clock.clone(), random),
        keep,
        files: Arc::new(S3ObjectLinks::new(aws, bucket, clock)),
        keys: start.keys()?,
    };
    Ok(routes::router(app, start.gate()?)?)
}
