//! The function in its process, over ports in memory: every route, the queue, and what is refused.

mod events;
mod progress;
mod requests;

use crate::event::Handler;
use crate::routes::{App, router};
use carteiro_core::bulk::BulkWanted;
use carteiro_core::ids::BulkId;
use carteiro_core::number::{NumberChange, OwnedNumber, Role};
use carteiro_core::plan::{PlanName, Plans};
use carteiro_core::ports::{Accounts, Clock, Numbers};
use carteiro_core::shard::Shard;
use carteiro_core::testing::{
    ManualClock, MemoryAccounts, MemoryAlarms, MemoryBulkQueue, MemoryBulks, MemoryNumbers, MemoryObjects,
    MemoryPaces, MemorySecret, MemorySendQueue, MemorySends, MemoryUsage, MemoryWakes, SeededRandom,
};
use carteiro_core::token::ApiToken;
use carteiro_core::usecase::{
    AcceptBulk, AcceptPorts, AcceptSend, BulkPorts, CancelSend, ChangeBulk, FindRules, RunBulk, RunBulkPorts,
    ShowBulk,
};
use carteiro_core::user::User;
use carteiro_http::testing::{Call, Reply, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use std::sync::Arc;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":9,"default":true,"pace":{"per_minute":600,"jitter_ms":0}},
    "mudo":{"media_types":[],"workers":9}}"#;
const KEY: &str = r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef0123456789abcdef"}"#;

/// The function with two tenants, of which the first has a worker.
pub(crate) struct Function {
    pub(crate) handler: Handler,
    pub(crate) bulks: Arc<MemoryBulks>,
    pub(crate) queue: Arc<MemoryBulkQueue>,
    pub(crate) sends: Arc<MemorySends>,
    pub(crate) clock: Arc<ManualClock>,
}

/// The API token of a tenant.
pub(crate) fn token(seed: u8) -> String {
    ApiToken::from_random([seed; 32]).reveal().to_owned()
}

fn tenant(seed: u8) -> User {
    let token = ApiToken::from_random([seed; 32]);
    let plan = PlanName::from_stored("basico".into());
    User { plan, ..carteiro_core::testing::tenant(seed, Some(&token)) }
}

impl Function {
    pub(crate) async fn new() -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let (accounts, numbers): (Arc<MemoryAccounts>, Arc<MemoryNumbers>) = Default::default();
        let (sends, objects): (Arc<MemorySends>, Arc<MemoryObjects>) = Default::default();
        let (bulks, queue): (Arc<MemoryBulks>, Arc<MemoryBulkQueue>) = Default::default();
        for tenant in [tenant(1), tenant(2)] {
            accounts.create(&tenant).await.unwrap();
        }
        let worker = OwnedNumber { phone: "5511999999999".parse().unwrap(), role: Role::Worker };
        numbers.apply(tenant(1).id, &[NumberChange::Add(worker, Shard::from_stored(3))], 9).await.unwrap();

        let keys = KeyRing::load(Arc::new(MemorySecret::new(KEY)), clock.clone()).await.unwrap();
        let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), Arc::new(keys)));
        let plans = Arc::new(Plans::from_json(PLANS).unwrap());
        let random = Arc::new(SeededRandom::default());
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let ports = AcceptPorts {
            sends: sends.clone(),
            queue: Arc::new(MemorySendQueue::default()),
            numbers: numbers.clone(),
            objects: objects.clone(),
            usage: Arc::new(MemoryUsage::default()),
            alarms: Arc::new(MemoryAlarms::default()),
            wakes: Arc::new(MemoryWakes::default()),
        };
        let accept = AcceptSend::new(ports, plans.clone(), zone.clone(), clock.clone(), random.clone());
        let run_ports = RunBulkPorts {
            bulks: bulks.clone(),
            queue: queue.clone(),
            sends: sends.clone(),
            objects: objects.clone(),
            rules: FindRules {
                accounts,
                paces: Arc::new(MemoryPaces::default()),
                plans: plans.clone(),
                zone: zone.clone(),
            },
        };
        let cancel = CancelSend::new(sends.clone(), clock.clone());
        let run = RunBulk::new(run_ports, accept, cancel, clock.clone());
        let ports = BulkPorts { bulks: bulks.clone(), queue: queue.clone(), objects, numbers };
        let app = App {
            accept: AcceptBulk::new(ports, plans, clock.clone(), random),
            change: ChangeBulk::new(bulks.clone(), queue.clone()),
            show: ShowBulk::new(bulks.clone(), sends.clone(), queue.clone(), clock.clone()),
            zone,
        };
        let handler = Handler { router: router(app, wide_gate(authenticator)).unwrap(), run };
        Self { handler, bulks, queue, sends, clock }
    }

    /// A call as the first tenant.
    pub(crate) async fn call(&self, call: Call) -> Reply {
        call.header("token", &token(1)).send(&self.handler.router).await
    }

    pub(crate) async fn start(&self, body: Value, key: &str) -> Reply {
        self.call(Call::new("POST", "/v2/sends/bulk").header("idempotency-key", key).json(body)).await
    }

    /// An operation of the first tenant with that many recipients.
    pub(crate) async fn an_operation(&self, count: usize) -> BulkId {
        let reply = self.start(body(count), "campanha").await;
        assert_eq!(reply.status, 202, "{}", reply.text);
        reply.body["description"]["operation_id"].as_str().unwrap().parse().unwrap()
    }

    /// Hands an event over as Lambda does, in a run of a minute.
    pub(crate) async fn handle(&self, event: Value) -> Value {
        let mut context = Context::default();
        let end = self.clock.now() + SignedDuration::from_secs(60);
        context.deadline = u64::try_from(end.as_millisecond()).unwrap();
        self.handler.handle(LambdaEvent::new(event, context)).await.unwrap()
    }

    /// Takes every turn that is in the queue; answers which messages must come again.
    pub(crate) async fn take_turns(&self) -> Vec<Value> {
        let wanted: Vec<BulkWanted> = self.queue.take().into_iter().map(|(wanted, _)| wanted).collect();
        let mut again = Vec::new();
        for wanted in wanted {
            let event = message(&serde_json::to_string(&wanted).unwrap(), 1);
            again.extend(self.handle(event).await["batchItemFailures"].as_array().unwrap().clone());
        }
        again
    }
}

/// A batch of one message.
pub(crate) fn message(body: &str, receives: u32) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../../../events/bulk-turn.json")).unwrap();
    event["Records"][0]["body"] = json!(body);
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = json!(receives.to_string());
    event
}

/// A request to that many recipients.
pub(crate) fn body(count: usize) -> Value {
    let row = |n: usize| json!({ "to_number": format!("55119{n:08}"), "variables": { "nome": format!("Nome {n}") } });
    json!({
        "from_number": "5511999999999", "media_type": "text", "content": "Olá, {{nome}}!",
        "recipients": (0..count).map(row).collect::<Vec<_>>(),
    })
}
