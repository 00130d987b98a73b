//! Webhooks over ports in memory, by a clock of the test's own.

mod concurrency;
mod delivering;
mod lag;
mod publishing;
mod receivers;
mod redriving;
mod simulation;
mod waiting;

use super::*;
use crate::ids::{EventId, UserId};
use crate::ports::{Events, Letter};
use crate::testing::{FakePostman, ManualClock, MemoryEventQueue, MemoryWebhooks, SeededRandom};
use crate::webhook::*;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// As in infra/queues.yaml.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(180);
/// How long a run may last.
const RUN: SignedDuration = SignedDuration::from_secs(60);

struct World {
    clock: Arc<ManualClock>,
    store: Arc<MemoryWebhooks>,
    queue: Arc<MemoryEventQueue>,
    postman: Arc<FakePostman>,
    publish: PublishEvents,
    deliver: DeliverStream,
    set: SetReceiver,
    book: ReceiverBook,
    log: DeliveryLog,
    /// Signals in the queue: when they come out, and whether they did before.
    signals: Mutex<Vec<(Timestamp, StreamSignal, bool)>>,
    events: Mutex<u8>,
    /// How long events waited for their first try, in seconds.
    lags: Arc<Mutex<Vec<i64>>>,
}

fn user(n: u8) -> UserId {
    UserId::from_random([n; 16])
}

impl World {
    fn new() -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let (store, queue) = (Arc::<MemoryWebhooks>::default(), Arc::<MemoryEventQueue>::default());
        let (random, postman) = (Arc::<SeededRandom>::default(), Arc::new(FakePostman::new(clock.clone())));
        let attempts = Attempts {
            postman: postman.clone(),
            clock: clock.clone(),
            draw: |text| Some(format!("data:{text}")),
        };
        let ports = DeliverStreamPorts {
            receivers: store.clone(),
            streams: store.clone(),
            queue: queue.clone(),
            random: random.clone(),
        };
        let lags: Arc<Mutex<Vec<i64>>> = Arc::default();
        let measured = lags.clone();
        let measure = move |waited: SignedDuration| measured.lock().unwrap().push(waited.as_secs());
        Self {
            publish: PublishEvents::new(store.clone(), store.clone(), queue.clone(), clock.clone()),
            deliver: DeliverStream::new(ports, attempts.clone()).measured_by(measure),
            set: SetReceiver { receivers: store.clone(), clock: clock.clone(), random: random.clone() },
            book: ReceiverBook { receivers: store.clone(), random, attempts },
            log: DeliveryLog {
                receivers: store.clone(),
                deliveries: store.clone(),
                queue: queue.clone(),
                clock: clock.clone(),
            },
            clock,
            store,
            queue,
            postman,
            signals: Mutex::default(),
            events: Mutex::default(),
            lags,
        }
    }

    /// A world with a receiver of user 1, at `a.exemplo`.
    async fn with_receiver() -> Self {
        let world = Self::new();
        world.receiver(1, "a.exemplo").await;
        world
    }

    fn now(&self) -> Timestamp {
        crate::ports::Clock::now(&*self.clock)
    }

    async fn receiver(&self, of: u8, host: &str) -> Receiver {
        self.set.set(user(of), ReceiverScope::Tenant, wanted(host)).await.unwrap().receiver
    }

    /// Publishes a new event of an origin and answers its number, by which bodies tell it.
    async fn publish(&self, of: u8, origin: &str) -> u8 {
        let number = self.next_event();
        self.publish.publish(user(of), &event(number, origin)).await.unwrap();
        number
    }

    fn next_event(&self) -> u8 {
        let mut events = self.events.lock().unwrap();
        *events += 1;
        *events
    }

    /// Takes the next signal that comes out of the queue by `until`, and the clock to when it does.
    fn next_signal(&self, until: Timestamp) -> Option<(StreamSignal, bool)> {
        let now = self.now();
        let mut signals = self.signals.lock().unwrap();
        let pushed = self.queue.take().into_iter();
        signals.extend(pushed.map(|(s, delay)| (now + SignedDuration::try_from(delay).unwrap(), s, false)));
        let first = signals.iter().enumerate().min_by_key(|(_, (at, _, _))| *at).map(|(place, _)| place)?;
        let (at, ..) = signals[first];
        if at > until {
            return None;
        }
        if at > now {
            self.clock.advance(at.duration_since(now));
        }
        let (_, signal, again) = signals.remove(first);
        Some((signal, again))
    }

    /// Handles a signal; one that must come again does, after its time.
    async fn handle(&self, signal: &StreamSignal, again: bool) -> Result<Delivering, NotNow> {
        let came_at = self.now();
        let done = self.deliver.run(signal, again, came_at + RUN).await;
        if done.is_err() {
            self.signals.lock().unwrap().push((came_at + VISIBILITY, signal.clone(), true));
        }
        done
    }

    /// Handles all that comes out of the queue within a time.
    async fn run_for(&self, time: SignedDuration) -> Vec<Result<Delivering, NotNow>> {
        let until = self.now() + time;
        let mut done = Vec::new();
        while let Some((signal, again)) = self.next_signal(until) {
            done.push(self.handle(&signal, again).await);
            assert!(done.len() < 5_000, "signals without end");
        }
        if self.now() < until {
            self.clock.advance(until.duration_since(self.now()));
        }
        done
    }

    /// The numbers of the events that were posted since the last look, whatever was answered.
    fn posted(&self) -> Vec<u8> {
        self.postman.take().iter().map(number).collect()
    }

    fn deliveries(&self, status: Status) -> Vec<u8> {
        let all = self.store.deliveries().into_iter().filter(|delivery| delivery.status == status);
        all.map(|delivery| delivery.event.id.as_bytes()[0]).collect()
    }
}

fn wanted(host: &str) -> WantedReceiver {
    let url = ReceiverUrl::parse(&format!("https://{host}/gancho?token=segredo")).unwrap();
    WantedReceiver { url, format: WebhookFormat::Json, kinds: None }
}

fn event(number: u8, origin: &str) -> Event {
    let mut id = [0; 16];
    id[0] = number;
    Event {
        id: EventId::from_bytes(id),
        kind: EventKind::MessageReceived,
        origin: Origin { session: Some(origin.parse().unwrap()), number: None },
        json: json!({ "n": number }),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// The number of the event that a letter tells of.
fn number(letter: &Letter) -> u8 {
    let body: Value = serde_json::from_slice(&letter.body).unwrap();
    u8::try_from(body["json"]["n"].as_u64().unwrap()).unwrap()
}

fn header<'a>(letter: &'a Letter, name: &str) -> &'a str {
    letter.headers.iter().find(|(header, _)| *header == name).map_or("", |(_, value)| value)
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);
