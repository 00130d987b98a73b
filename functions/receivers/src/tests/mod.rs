//! The function in its process, over ports in memory.

mod deliveries;
mod receivers;

use crate::routes::{App, router};
use axum::Router;
use carteiro_core::ids::{EventId, UserId};
use carteiro_core::ports::{Accounts, Events};
use carteiro_core::scope::{Scope, Scopes};
use carteiro_core::testing::*;
use carteiro_core::token::{ApiKey, ApiToken};
use carteiro_core::usecase::*;
use carteiro_core::webhook::{Event, EventKind, Origin, ReceiverScope, ReceiverUrl, WebhookFormat};
use carteiro_http::testing::{Call, Reply, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

const URL: &str = "https://exemplo.com/gancho?token=abc";

struct World {
    clock: Arc<ManualClock>,
    store: Arc<MemoryWebhooks>,
    queue: Arc<MemoryEventQueue>,
    postman: Arc<FakePostman>,
    publish: PublishEvents,
    deliver: DeliverStream,
    set: SetReceiver,
    router: Router,
    ana: UserId,
    /// Ana's token, Bia's, and one of Ana's that may not manage.
    tokens: [ApiToken; 3],
}

impl World {
    async fn new() -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let (store, queue) = (Arc::<MemoryWebhooks>::default(), Arc::<MemoryEventQueue>::default());
        let (random, accounts) = (Arc::<SeededRandom>::default(), Arc::<MemoryAccounts>::default());
        let postman = Arc::new(FakePostman::new(clock.clone()));
        let tokens = [1, 2, 3].map(|n| ApiToken::from_random([n; 32]));
        let (ana, bia) = (tenant(1, Some(&tokens[0])), tenant(2, Some(&tokens[1])));
        let weak = ApiKey {
            hash: tokens[2].hash(),
            scopes: Scopes::new([Scope::Read, Scope::Send]).unwrap(),
            ..ApiKey::of_registration(&ana).unwrap()
        };
        accounts.create_with_key(&ana, &weak).await.unwrap();
        accounts.create(&bia).await.unwrap();
        let secret = MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#);
        let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await.unwrap());
        let authenticator = Arc::new(Authenticator::new(accounts, clock.clone(), keys));
        let attempts = Attempts { postman: postman.clone(), clock: clock.clone(), draw: |_| None };
        let ports = DeliverStreamPorts {
            receivers: store.clone(),
            streams: store.clone(),
            queue: queue.clone(),
            random: random.clone(),
        };
        let set = SetReceiver { receivers: store.clone(), clock: clock.clone(), random: random.clone() };
        let app = App {
            set: set.clone(),
            book: ReceiverBook { receivers: store.clone(), random, attempts: attempts.clone() },
            log: DeliveryLog {
                receivers: store.clone(),
                deliveries: store.clone(),
                queue: queue.clone(),
                clock: clock.clone(),
            },
        };
        Self {
            publish: PublishEvents::new(store.clone(), store.clone(), queue.clone(), clock.clone()),
            deliver: DeliverStream::new(ports, attempts),
            router: router(app, wide_gate(authenticator)).unwrap(),
            ana: ana.id,
            clock,
            store,
            queue,
            postman,
            set,
            tokens,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        self.ask_as(0, method, path, body).await
    }

    async fn ask_as(&self, who: usize, method: &str, path: &str, body: Value) -> Reply {
        let call =
            Call::new(method, &format!("/v2/webhooks{path}")).header("token", self.tokens[who].reveal());
        call.json(body).send(&self.router).await
    }

    /// Ana's webhook is set; its secret.
    async fn webhook(&self) -> String {
        let made = self.ask("PUT", "", json!({ "url": URL })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.body["description"]["secret"].as_str().unwrap().to_owned()
    }

    /// One of Ana's sessions has a webhook.
    async fn session(&self, name: &str) {
        let url = ReceiverUrl::parse("https://exemplo.com/sessao").unwrap();
        let wanted = WantedReceiver { url, format: WebhookFormat::Form, kinds: None };
        self.set.set(self.ana, ReceiverScope::Session(name.parse().unwrap()), wanted).await.unwrap();
    }

    async fn publish(&self, n: u8) {
        let event = Event {
            id: event_id(n),
            kind: EventKind::MessageReceived,
            origin: Origin { session: None, number: Some("5511999999999".parse().unwrap()) },
            json: json!({ "body": "segredo" }),
            at: Timestamp::UNIX_EPOCH,
        };
        self.publish.publish(self.ana, &event).await.unwrap();
    }

    /// Delivers what was signalled, once each.
    async fn deliver(&self) {
        for (signal, _) in self.queue.take() {
            let end = carteiro_core::ports::Clock::now(&*self.clock) + SignedDuration::from_secs(60);
            self.deliver.run(&signal, false, end).await.unwrap();
        }
    }

    /// An event that was given up: its receiver said that it is gone.
    async fn dead(&self, n: u8) {
        self.postman.answering(|_| Ok(FakePostman::status(410)));
        self.publish(n).await;
        self.deliver().await;
        self.postman.answering(|_| Ok(FakePostman::status(200)));
    }
}

fn event_id(n: u8) -> EventId {
    EventId::from_random([n; 16])
}

#[tokio::test]
async fn only_who_may_manage_gets_in() {
    let w = World::new().await;
    for (method, path) in [
        ("PUT", ""),
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/redrive"),
        ("POST", "/deliveries/x/redrive"),
    ] {
        let reply = w.ask_as(2, method, path, json!({ "url": URL })).await;
        assert_eq!((reply.status, reply.code()), (403, "SCOPE_FORBIDS"), "{method} {path}");
        let call = Call::new(method, &format!("/api/v2/webhooks{path}")).json(json!({ "url": URL }));
        assert_eq!(call.send(&w.router).await.status, 401, "{method} {path}");
    }
    assert!(w.store.switch.asked().is_empty());
}

#[tokio::test]
async fn an_outage_is_503() {
    let w = World::new().await;
    w.webhook().await;
    w.store.switch.fail();
    for (method, path) in [
        ("PUT", ""),
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/redrive"),
    ] {
        let reply = w.ask(method, path, json!({ "url": URL })).await;
        assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"), "{method} {path}");
    }
}
