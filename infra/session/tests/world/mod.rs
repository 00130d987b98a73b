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
mod pairing;
mod queues;
mod slow_sends;
mod whatsapp;

pub use desk::Desk;
pub use pairing::session;
pub use slow_sends::SlowSends;
pub use whatsapp::Played;

use carteiro_core::command::ShardCommand;
use carteiro_core::ids::{QueryId, SendId, UserId};
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::phone::Phone;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Clock, Links, Sends};
use carteiro_core::query::{Answer, Asked, PATIENCE, Query};
use carteiro_core::send::{Content, LIFETIME, Recipient, Send, Status, Text};
use carteiro_core::shard::{Shard, ShardCount};
use carteiro_core::testing::{
    MemoryAccounts, MemoryAnswers, MemoryChats, MemoryEvents, MemoryLinks, MemoryMediaQueue,
    MemoryNamedSessions, MemoryNumbers, MemoryObjects, MemoryPaces, MemoryPairings, MemoryPreparations,
    MemorySends, SeededRandom, tenant,
};
use carteiro_core::usecase::{Ask, AskPorts, FindRules};
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
use clock::{TestClock, TestSleeper};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leases::MemoryLeases;
use queues::MemoryQueues;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

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

    /// A world whose plan has this pace, as JSON. It begins at 05:00.
    pub fn paced(pace: &str) -> Self {
        Self::paced_in("America/Sao_Paulo", pace)
    }

    /// The same in another time zone.
    pub fn paced_in(zone: &str, pace: &str) -> Self {
        let (sends, played) = (Arc::new(MemorySends::default()), Played::default());
        let whatsapp = Arc::new(played.clone());
        Self::assemble(sends.clone(), sends, whatsapp, played, Timing::default(), (pace, zone))
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
            events: events.clone(),
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

    /// The tenant wants something of a number, and the task is told.
    pub async fn want(&self, number: &Phone, desired: Desired) {
        let (shard, now) = (self.shard(number), self.clock.now());
        self.links.want(number, self.user, shard, desired, now).await.unwrap();
        self.queues.push(shard, ShardCommand::Align { number: number.clone() });
    }

    /// A number that was paired before and is to be connected.
    pub async fn paired(&self, number: &Phone) {
        self.whatsapp.server().paired.insert(number.clone());
        self.want(number, Desired::Connected(PairingMethod::Qr)).await;
    }

    /// Accepts a send without telling the task.
    pub async fn accept(&self, text: &str, to: &Phone) -> SendId {
        self.accept_until(text, to, LIFETIME).await
    }

    /// Accepts a send that lives that long.
    pub async fn accept_until(&self, text: &str, to: &Phone, lifetime: SignedDuration) -> SendId {
        let id = SendId::from_random(rand_bytes(&self.tasks));
        let now = self.clock.now();
        let text = Text::parse(text.to_owned()).unwrap();
        let mut send = Send::of_text(id, self.user, sender(), to.clone(), text, now);
        send.expires_at = now + lifetime;
        self.sends.create(&send, now).await.unwrap();
        // No two sends are accepted in the same microsecond.
        sleep(Duration::from_millis(1)).await;
        id
    }

    /// Accepts a send and puts its command in the queue.
    pub async fn send(&self, text: &str) -> SendId {
        let id = self.accept(text, &recipient()).await;
        self.command(id);
        id
    }

    /// Accepts a send of any content to anybody, and puts its command in the queue.
    pub async fn send_of(&self, content: Content, to: &str) -> SendId {
        let id = SendId::from_random(rand_bytes(&self.tasks));
        let (to, now): (Recipient, _) = (to.parse().unwrap(), self.clock.now());
        let send = Send::new(id, self.user, sender(), to, content, now);
        self.sends.create(&send, now).await.unwrap();
        self.command(id);
        id
    }

    /// Asks the sending number's session something that must be answered by then.
    pub fn ask_until(&self, query: Query, deadline: Timestamp) -> QueryId {
        let id = QueryId::from_random(rand_bytes(&self.tasks));
        self.command_query(Asked { id, deadline, query });
        id
    }

    /// The same, with the usual deadline.
    pub fn ask(&self, query: Query) -> QueryId {
        self.ask_until(query, self.clock.now() + PATIENCE)
    }

    pub fn command_query(&self, asked: Asked) {
        let number = sender();
        self.queues.push(self.shard(&number), ShardCommand::Query { number, asked });
    }

    /// What asks as the API does.
    pub fn asks(&self) -> Ask {
        Ask::new(AskPorts {
            shards: self.queues.clone(),
            answers: self.answers.clone(),
            clock: self.clock.clone(),
            sleeper: Arc::new(TestSleeper),
            random: Arc::new(SeededRandom::new(77)),
        })
    }

    /// The answer to a question, once it is there.
    pub async fn answer(&self, id: QueryId) -> Answer {
        self.until("an answer", |world| world.answers.peek(id).is_some()).await;
        self.answers.peek(id).unwrap().0
    }

    pub fn command(&self, send_id: SendId) {
        let number = sender();
        self.queues.push(self.shard(&number), ShardCommand::Send { number, send_id });
    }

    pub fn status(&self, id: SendId) -> Status {
        self.sends.peek(id).unwrap().status
    }

    pub fn link_state(&self, number: &Phone) -> Option<LinkState> {
        self.links.peek(number).map(|link| link.state)
    }

    /// Waits until `what` holds, a minute at most by the paused clock.
    pub async fn until(&self, what: &str, holds: impl Fn(&World) -> bool) {
        self.within(60, what, holds).await;
    }

    pub async fn within(&self, seconds: u64, what: &str, holds: impl Fn(&World) -> bool) {
        let end = Instant::now() + Duration::from_secs(seconds);
        while !holds(self) {
            assert!(Instant::now() < end, "not within {seconds} s: {what}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn until_status(&self, id: SendId, status: Status) {
        self.until(&format!("{status}"), |world| world.status(id) == status).await;
    }

    pub async fn until_state(&self, state: LinkState) {
        self.until(state.as_str(), |world| world.link_state(&sender()) == Some(state)).await;
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
