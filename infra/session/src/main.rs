//! The session task's process: reads the environment, chooses adapters, runs. `carteiro-session health` asks a running task
//! whether it is well, for the container's health check.

use carteiro_aws::dynamo::{
    DynamoAccounts, DynamoAnswers, DynamoChats, DynamoLeases, DynamoLinks, DynamoNamedSessions,
    DynamoNumbers, DynamoPaces, DynamoPairings, DynamoPreparations, DynamoReceivers, DynamoSends,
    DynamoStreams, DynamoWhatsAppStates,
};
use carteiro_aws::s3::S3Objects;
use carteiro_aws::sqs::{ShardQueues, SqsEventQueue, SqsMediaQueue, SqsShardReceiver, SqsShardSender};
use carteiro_aws::{AwsClients, OsRandom, SystemClock};
use carteiro_core::ports::Clock;
use carteiro_core::usecase::{FindRules, PublishEvents};
use carteiro_engine::{Engine, EngineConfig};
use carteiro_session::actor::Timing;
use carteiro_session::config::Config;
use carteiro_session::health::Health;
use carteiro_session::health_check;
use carteiro_session::metrics::SessionMetrics;
use carteiro_session::protection::Protection;
use carteiro_session::shared::Shared;
use carteiro_session::trial_clock::TrialClock;
#[cfg(feature = "simulator")]
use carteiro_session::trial_trouble::TrialTrouble;
use carteiro_session::{shutdown, task};
use carteiro_telemetry::Metrics;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How many numbers log in at the same time when many are resumed.
const LOGINS: usize = 32;
/// How many files are uploaded at the same time; each takes about 4 MB of memory and a thread.
const UPLOADS: usize = 16;
/// How many messages, people and the like may wait to be stored, of all numbers together; each takes about a kilobyte.
const UNTOLD: usize = 50_000;
/// How long uploads that were abandoned may keep the process from ending.
const LAST_THREADS: Duration = Duration::from_secs(1);
/// What the phone shows in its list of linked devices.
const DEVICE_NAME: &str = "Carteiro";

fn main() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let code = runtime.block_on(start());
    // A thread that waits for the media server would hold it up for longer than a stop may take.
    runtime.shutdown_timeout(LAST_THREADS);
    code
}

async fn start() -> ExitCode {
    if let Err(error) = carteiro_telemetry::init("carteiro-session", std::env::var("RUST_LOG").ok()) {
        // Without a log there is only this.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{error}\n").as_bytes());
        return ExitCode::FAILURE;
    }
    let asks = std::env::args().nth(1).is_some_and(|argument| argument == "health");
    match if asks { ask().await } else { run().await } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the session task cannot run");
            ExitCode::FAILURE
        }
    }
}

fn config() -> Result<Config, Box<dyn std::error::Error>> {
    Ok(Config::read(|name| std::env::var(name).ok())?)
}

async fn ask() -> Result<(), Box<dyn std::error::Error>> {
    let address = config()?.health.ok_or("CARTEIRO_HEALTH_ADDR is not set")?;
    let well = health_check::ask(address).await?;
    tracing::info!(%well, "the task is well");
    Ok(())
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = config()?;
    let stop = shutdown::on_signal()?;
    let health = Arc::new(Health::default());
    if let Some(address) = config.health {
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(health_check::serve(listener, health.clone()));
    }
    let authority = config.whatsapp_ca.map(std::fs::read).transpose()?;
    let engine = Engine::new(EngineConfig {
        authority,
        endpoint: config.whatsapp,
        version: config.version,
        device_name: DEVICE_NAME.to_owned(),
    })?;
    let clock: Arc<dyn Clock> = match config.clock_offset {
        Some(file) => Arc::new(TrialClock::new(Arc::new(SystemClock), file)),
        None => Arc::new(SystemClock),
    };
    let deployment = std::env::var("CARTEIRO_DEPLOYMENT").ok();
    let metrics = Arc::new(SessionMetrics::new(Metrics::new("session").of(deployment.as_deref())));
    tokio::spawn(metrics.clone().run());
    let protection = Arc::new(Protection::default());
    if let Some(agent) = config.agent {
        tokio::spawn(protection.clone().run(agent));
    }
    let clients = AwsClients::load().await;
    #[cfg(feature = "simulator")]
    let clients = match config.trouble {
        Some(file) => clients.intercepted(TrialTrouble::new(file, Arc::new(OsRandom))),
        None => clients,
    };
    let (dynamo, queues) = (clients.dynamo(), ShardQueues::new(config.queue_prefix));
    let chats = Arc::new(DynamoChats::new(dynamo.clone(), config.chats_table.clone()));
    let shared = Arc::new(Shared {
        media: Arc::new(SqsMediaQueue::new(clients.sqs(), config.media_queue)),
        answers: Arc::new(DynamoAnswers::new(dynamo.clone(), config.chats_table)),
        reader: chats.clone(),
        writer: chats,
        preparations: Arc::new(DynamoPreparations::new(dynamo.clone(), config.sends_table.clone())),
        objects: Arc::new(S3Objects::new(clients.s3(), config.media_bucket)),
        sends: Arc::new(DynamoSends::new(dynamo.clone(), config.sends_table)),
        links: Arc::new(DynamoLinks::new(dynamo.clone(), config.sessions_table.clone())),
        named: Arc::new(DynamoNamedSessions::new(dynamo.clone(), config.sessions_table.clone())),
        pairings: Arc::new(DynamoPairings::new(dynamo.clone(), config.sessions_table.clone())),
        numbers: Arc::new(DynamoNumbers::new(dynamo.clone(), config.accounts_table.clone())),
        rules: FindRules {
            accounts: Arc::new(DynamoAccounts::new(dynamo.clone(), config.accounts_table.clone())),
            paces: Arc::new(DynamoPaces::new(dynamo.clone(), config.sessions_table.clone())),
            plans: Arc::new(config.plans),
            zone: config.zone,
        },
        commands: Arc::new(SqsShardSender::new(clients.sqs(), queues.clone())),
        shards: config.shards,
        events: Arc::new(PublishEvents::new(
            Arc::new(DynamoReceivers::new(dynamo.clone(), config.webhooks_table.clone())),
            Arc::new(DynamoStreams::new(dynamo.clone(), config.webhooks_table)),
            Arc::new(SqsEventQueue::new(clients.sqs(), config.events_queue)),
            clock.clone(),
        )),
        leases: Arc::new(DynamoLeases::new(dynamo.clone(), config.sessions_table.clone())),
        receiver: Arc::new(SqsShardReceiver::new(clients.sqs(), queues)),
        states: Arc::new(DynamoWhatsAppStates::new(dynamo, config.sessions_table)),
        clock,
        whatsapp: Arc::new(engine),
        timing: Timing::default(),
        logins: Arc::new(Semaphore::new(LOGINS)),
        uploads: Arc::new(Semaphore::new(UPLOADS)),
        untold: Arc::new(Semaphore::new(UNTOLD)),
        metrics,
        protection,
        health: health.clone(),
    });
    task::run(shared, health, Arc::new(OsRandom), config.shards, stop).await;
    tracing::info!("stopped");
    Ok(())
}
