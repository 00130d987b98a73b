//! A world for the session task: its ports in memory and a played WhatsApp, all on tokio's paused clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test uses a part of it"
)]

mod clock;
mod connection;
mod desk;
mod files;
mod leases;
mod pacing;
mod pairing;
mod queues;
mod slow_events;
mod slow_sends;
mod tenant;
mod waiting;
mod whatsapp;

pub use desk::Desk;
pub use pacing::{ANA, BIA, CAIO, DORA, FAST, KNOWN};
pub use pairing::session;
pub use slow_events::SlowEvents;
pub use slow_sends::SlowSends;
pub use whatsapp::Played;

use carteiro_core::ids::UserId;
use carteiro_core::phone::Phone;
use carteiro_core::plan::Plans;
use carteiro_core::ports::Sends;
use carteiro_core::shard::{Shard, ShardCount};
use carteiro_core::testing::{
    MemoryAccounts, MemoryAnswers, MemoryChats, MemoryEvents, MemoryLinks, MemoryMediaQueue,
    MemoryNamedSessions, MemoryNumbers, MemoryObjects, MemoryPaces, MemoryPairings, MemoryPreparations,
    MemorySends, SeededRandom, tenant,
};
use carteiro_core::usecase::FindRules;
use carteiro_engine::MemoryStates;
use carteiro_session::actor::Timing;
use carteiro_session::health::Health;
use carteiro_session::metrics::SessionMetrics;
use carteiro_session::protection::Protection;
use carteiro_session::shared::Shared;
use carteiro_session::task;
use carteiro_session::whatsapp::WhatsApp;
use carteiro_telemetry::Metrics;
use carteiro_telemetry::testing::Lines;
use clock::TestClock;
use jiff::tz::TimeZone;
use leases::MemoryLeases;
use queues::MemoryQueues;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub const SHARDS: u16 = 4;
/// A pace that no test notices which is not about it.
const UNNOTICED: (&str, &str) =
    (r#"{"per_minute":600000,"burst":100000,"jitter_ms":0}"#, "America/Sao_Paulo");

pub fn phone(text: &str) -> Phone {
    text.parse().unwrap()
}

/// The number that sends, and the one that is sent to.
pub fn sender() -> Phone {
    phone("5511988887777")
}

pub fn recipient() -> Phone {
    phone("14155550100")
}

pub struct World {
    pub sends: Arc<MemorySends>,
    pub answers: Arc<MemoryAnswers>,
    pub chats: Arc<MemoryChats>,
    pub media: Arc<MemoryMediaQueue>,
    pub links: Arc<MemoryLinks>,
    pub named: Arc<MemoryNamedSessions>,
    pub pairings: Arc<MemoryPairings>,
    pub events: Arc<MemoryEvents>,
    /// The way to `events`.
    pub slow_events: Arc<SlowEvents>,
    pub numbers: Arc<MemoryNumbers>,
    pub paces: Arc<MemoryPaces>,
    pub preparations: Arc<MemoryPreparations>,
    pub objects: Arc<MemoryObjects>,
    pub leases: Arc<MemoryLeases>,
    pub queues: Arc<MemoryQueues>,
    pub states: MemoryStates,
    pub whatsapp: Played,
    pub clock: Arc<TestClock>,
    pub user: UserId,
    /// Where metrics are told.
    pub lines: Lines,
    shared: Arc<Shared>,
    tasks: std::sync::Mutex<u64>,
}

/// A running task.
pub struct Task {
    stop: watch::Sender<Option<Instant>>,
    run: JoinHandle<()>,
}

impl Task {
    /// As SIGKILL: everything stops where it is.
    pub async fn kill(self) {
        self.run.abort();
        let _ = self.run.await;
    }

    /// As SIGTERM; waits for the end.
    pub async fn stop(self) {
        self.stop.send(Some(Instant::now() + Duration::from_secs(20))).unwrap();
        self.run.await.unwrap();
    }
}

impl World {
    pub fn new() -> Self {
        let sends = Arc::new(MemorySends::default());
        Self::with_sends(sends.clone(), sends)
    }

    /// A world whose sends are reached through `port`, which ends at `sends`.
    pub fn with_sends(sends: Arc<MemorySends>, port: Arc<dyn Sends>) -> Self {
        let played = Played::default();
        Self::assemble(sends, port, Arc::new(played.clone()), played, Timing::default(), UNNOTICED)
    }

    /// A world with another WhatsApp than the played one.
    pub fn with_whatsapp(whatsapp: Arc<dyn WhatsApp>, timing: Timing) -> Self {
        let sends = Arc::new(MemorySends::default());
        Self::assemble(sends.clone(), sends, whatsapp, Played::default(), timing, UNNOTICED)
    }

    fn assemble(
        sends: Arc<MemorySends>,
        port: Arc<dyn Sends>,
        whatsapp: Arc<dyn WhatsApp>,
        played: Played,
        timing: Timing,
        (pace, zone): (&str, &str),
    ) -> Self {
        let links = Arc::new(MemoryLinks::default());
        let (answers, chats) = (Arc::<MemoryAnswers>::default(), Arc::<MemoryChats>::default());
        let (named, pairings) =
            (Arc::new(MemoryNamedSessions::default()), Arc::new(MemoryPairings::default()));
        let numbers = Arc::new(MemoryNumbers::default());
        let (events, media) = (Arc::<MemoryEvents>::default(), Arc::<MemoryMediaQueue>::default());
        let slow_events = Arc::new(SlowEvents::new(events.clone()));
        let leases = Arc::new(MemoryLeases::default());
        let queues = Arc::new(MemoryQueues::default());
        let (preparations, objects) =
            (Arc::new(MemoryPreparations::default()), Arc::new(MemoryObjects::default()));
        let (states, clock) = (MemoryStates::default(), Arc::new(TestClock::new()));
        let paces = Arc::<MemoryPaces>::default();
        let plans =
            format!(r#"{{"basico":{{"media_types":["text"],"workers":9,"default":true,"pace":{pace}}}}}"#);
        let rules = FindRules {
            accounts: Arc::new(MemoryAccounts::of(tenant(7, None))),
            paces: paces.clone(),
            plans: Arc::new(Plans::from_json(&plans).unwrap()),
            zone: TimeZone::get(zone).unwrap(),
        };
        let lines = Lines::default();
        let writer = lines.clone();
        let shared = Arc::new(Shared {
            sends: port,
            answers: answers.clone(),
            reader: chats.clone(),
            writer: chats.clone(),
            media: media.clone(),
            links: links.clone(),
            named: named.clone(),
            pairings: pairings.clone(),
            events: slow_events.clone(),
            numbers: numbers.clone(),
            rules,
            commands: queues.clone(),
            shards: ShardCount::new(SHARDS).unwrap(),
            preparations: preparations.clone(),
            objects: objects.clone(),
            leases: leases.clone(),
            receiver: queues.clone(),
            states: Arc::new(states.clone()),
            clock: clock.clone(),
            whatsapp,
            timing,
            logins: Arc::new(Semaphore::new(8)),
            uploads: Arc::new(Semaphore::new(4)),
            untold: Arc::new(Semaphore::new(1_000)),
            metrics: Arc::new(SessionMetrics::new(Metrics::writing("session", move || writer.clone()))),
            protection: Arc::default(),
            health: Arc::default(),
        });
        let user = UserId::from_random([7; 16]);
        let tasks = std::sync::Mutex::new(0);
        Self {
            sends,
            answers,
            chats,
            media,
            links,
            named,
            pairings,
            events,
            slow_events,
            numbers,
            paces,
            preparations,
            objects,
            leases,
            queues,
            states,
            whatsapp: played,
            clock,
            user,
            lines,
            shared,
            tasks,
        }
    }

    /// Lets so many more numbers log in at the same time.
    pub fn allow_logins(&self, more: usize) {
        self.shared.logins.add_permits(more);
    }

    /// What is counted.
    pub fn metrics(&self) -> &SessionMetrics {
        &self.shared.metrics
    }

    /// Who wants the task protected.
    pub fn protection(&self) -> &Protection {
        &self.shared.protection
    }

    /// What the task says of itself.
    pub fn health(&self) -> &Health {
        &self.shared.health
    }

    /// A world whose sender is paired and connected, and its task.
    pub async fn connected() -> (Self, Task) {
        Self::new().begun().await
    }

    pub fn start(&self) -> Task {
        let seed = {
            let mut tasks = self.tasks.lock().unwrap();
            *tasks += 1;
            *tasks
        };
        let (stop, stopped) = watch::channel(None);
        let (random, count) = (Arc::new(SeededRandom::new(seed)), ShardCount::new(SHARDS).unwrap());
        let run = task::run(self.shared.clone(), self.shared.health.clone(), random, count, stopped);
        Task { stop, run: tokio::spawn(run) }
    }

    pub fn shard(&self, number: &Phone) -> Shard {
        Shard::of_new_number(number, ShardCount::new(SHARDS).unwrap())
    }
}

fn rand_bytes(counter: &std::sync::Mutex<u64>) -> [u8; 16] {
    let mut counter = counter.lock().unwrap();
    *counter += 1;
    let mut bytes = [0; 16];
    // Not in the order of acceptance.
    bytes[..8].copy_from_slice(&counter.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes[8..].copy_from_slice(&counter.to_be_bytes());
    bytes
}
