//! The function in its process, over ports in memory: every route, what it does and what it refuses.

mod cancel;
mod create;
mod events;
mod files;
mod scheduled;
mod show;
mod uploads;
mod v1;

use crate::routes::{App, router};
use axum::Router;
use carteiro_core::ids::SendId;
use carteiro_core::number::{NumberChange, OwnedNumber, Role};
use carteiro_core::plan::{PlanName, Plans};
use carteiro_core::ports::{Accounts, Numbers};
use carteiro_core::shard::Shard;
use carteiro_core::testing::{
    ManualClock, MemoryAccounts, MemoryAlarms, MemoryNumbers, MemoryObjects, MemorySecret, MemorySendQueue,
    MemorySends, MemoryUsage, MemoryWakes, SeededRandom,
};
use carteiro_core::token::ApiToken;
use carteiro_core::usecase::{AcceptPorts, AcceptSend, CancelSend, OfferUpload};
use carteiro_core::user::User;
use carteiro_http::testing::{Call, Reply, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::sync::Arc;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":9,"default":true},
    "premium":{"media_types":["text","image","document","audio"],"workers":9,"sends_per_day":20},
    "curto":{"media_types":["text"],"workers":9,"backlog":5}}"#;
const KEY: &str = r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef0123456789abcdef"}"#;

/// The function with two tenants, of which the first has a worker.
pub(crate) struct Function {
    pub(crate) router: Router,
    pub(crate) sends: Arc<MemorySends>,
    pub(crate) queue: Arc<MemorySendQueue>,
    pub(crate) wakes: Arc<MemoryWakes>,
    pub(crate) accounts: Arc<MemoryAccounts>,
    pub(crate) objects: Arc<MemoryObjects>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) jwt: String,
}

/// The API token of a tenant.
pub(crate) fn token(seed: u8) -> String {
    ApiToken::from_random([seed; 32]).reveal().to_owned()
}

pub(crate) fn tenant(seed: u8, plan: &str) -> User {
    let token = ApiToken::from_random([seed; 32]);
    User { plan: PlanName::from_stored(plan.into()), ..carteiro_core::testing::tenant(seed, Some(&token)) }
}

impl Function {
    pub(crate) async fn new() -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let accounts: Arc<MemoryAccounts> = Arc::default();
        let numbers: Arc<MemoryNumbers> = Arc::default();
        let (sends, queue): (Arc<MemorySends>, Arc<MemorySendQueue>) = Default::default();
        let objects: Arc<MemoryObjects> = Arc::default();
        let wakes: Arc<MemoryWakes> = Arc::default();
        for tenant in [tenant(1, "premium"), tenant(2, "basico")] {
            accounts.create(&tenant).await.unwrap();
        }
        let worker = OwnedNumber { phone: "5511999999999".parse().unwrap(), role: Role::Worker };
        let add = NumberChange::Add(worker, Shard::from_stored(3));
        numbers.apply(tenant(1, "premium").id, &[add], 9).await.unwrap();

        let keys = KeyRing::load(Arc::new(MemorySecret::new(KEY)), clock.clone()).await.unwrap();
        let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), Arc::new(keys)));
        let jwt = authenticator.issue(tenant(1, "premium").id).await.unwrap();
        let plans = Arc::new(Plans::from_json(PLANS).unwrap());
        let random = Arc::new(SeededRandom::default());
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let ports = AcceptPorts {
            sends: sends.clone(),
            queue: queue.clone(),
            numbers,
            objects: objects.clone(),
            usage: Arc::new(MemoryUsage::default()),
            alarms: Arc::new(MemoryAlarms::default()),
            wakes: wakes.clone(),
        };
        let app = App {
            accept: AcceptSend::new(ports, plans.clone(), zone.clone(), clock.clone(), random.clone()),
            offer: OfferUpload { links: objects.clone(), plans, clock: clock.clone(), random },
            cancel: CancelSend::new(sends.clone(), clock.clone()),
            sends: sends.clone(),
            zone,
        };
        let router = router(app, wide_gate(authenticator)).unwrap();
        Self { router, sends, queue, wakes, accounts, objects, clock, jwt }
    }

    /// A call as the first tenant.
    pub(crate) async fn call(&self, call: Call) -> Reply {
        call.header("token", &token(1)).send(&self.router).await
    }

    /// A send of the first tenant, and its id.
    pub(crate) async fn a_send(&self) -> (SendId, Reply) {
        let reply = self.call(Call::new("POST", "/v2/sends").json(body())).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        (reply.body["description"]["send_id"].as_str().unwrap().parse().unwrap(), reply)
    }
}

/// The contract's example of a text, from the first tenant's worker.
pub(crate) fn body() -> Value {
    json!({ "from_number": "5511999999999", "to_number": "5511888888888", "media_type": "text", "content": "Olá, mundo!" })
}

/// The contract's example with one field changed; null takes it away.
pub(crate) fn with(field: &str, value: Value) -> Value {
    let mut body = body();
    body[field] = value;
    body
}
