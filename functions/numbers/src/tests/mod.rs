//! The function in its process, over ports in memory.

mod any_request;
mod connecting;
mod pace;

use crate::routes::{App, router};
use axum::Router;
use carteiro_core::lease::Epoch;
use carteiro_core::number::{LinkReport, LinkState, Qr};
use carteiro_core::phone::Phone;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, Clock};
use carteiro_core::shard::ShardCount;
use carteiro_core::testing::*;
use carteiro_core::token::ApiToken;
use carteiro_core::usecase::{ChangeNumbers, ConnectNumber, FindRules, Pacing, Sessions};
use carteiro_http::testing::{Call, Reply, send_event, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

const WORKER: &str = "5511888888888";
const ADMIN: &str = "5511999999999";
const QR: &str = "2@AbCdEf,key,identity,secret";

struct World {
    links: Arc<MemoryLinks>,
    commands: Arc<MemoryShardSender>,
    numbers: Arc<MemoryNumbers>,
    clock: Arc<ManualClock>,
    sleeper: Arc<SleepLog>,
    router: Router,
    /// The tokens of two tenants.
    ana: String,
    bia: String,
}

async fn world() -> World {
    let accounts = Arc::<MemoryAccounts>::default();
    let (numbers, links) = (Arc::<MemoryNumbers>::default(), Arc::<MemoryLinks>::default());
    let (commands, clock) = (Arc::<MemoryShardSender>::default(), Arc::<ManualClock>::default());
    let sleeper = Arc::new(SleepLog::new(clock.clone()));
    let secret = MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await.unwrap());
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: links.clone(),
        commands: commands.clone(),
        clock: clock.clone(),
        random: Arc::<SeededRandom>::default(),
    };
    let plans =
        Plans::from_json(r#"{"basico":{"media_types":["text"],"workers":2,"default":true}}"#).unwrap();
    let plans = Arc::new(plans);
    let rules = FindRules {
        accounts: accounts.clone(),
        paces: Arc::<MemoryPaces>::default(),
        plans: plans.clone(),
        zone: TimeZone::UTC,
    };
    let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys));
    let app = App {
        change: ChangeNumbers {
            numbers: numbers.clone(),
            sessions: sessions.clone(),
            plans,
            shards: ShardCount::new(16).unwrap(),
        },
        connect: ConnectNumber { sessions: sessions.clone(), sleeper: sleeper.clone() },
        pacing: Pacing { sessions: sessions.clone(), rules },
        sessions,
    };
    let (ana, bia) = (tenant_token(&accounts, 1).await, tenant_token(&accounts, 2).await);
    let router = router(app, wide_gate(authenticator)).unwrap();
    World { links, commands, numbers, clock, sleeper, router, ana, bia }
}

async fn tenant_token(accounts: &MemoryAccounts, id: u8) -> String {
    let token = ApiToken::from_random([id; 32]);
    accounts.create(&tenant(id, Some(&token))).await.unwrap();
    token.reveal().to_owned()
}

impl World {
    async fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Reply {
        let call = Call::new(method, &format!("/api/v2/numbers{path}")).header("token", token);
        let call = match body {
            Some(body) => call.json(body),
            None => call,
        };
        call.send(&self.router).await
    }

    async fn ana(&self, method: &str, path: &str, body: Value) -> Reply {
        self.call(&self.ana, method, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.call(&self.ana, "GET", path, None).await
    }

    async fn with_worker(self) -> Self {
        let reply = self.ana("POST", "/add", json!({"number": WORKER, "role": "worker"})).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        self
    }

    /// What the session task will report during the next wait.
    fn will_report(&self, state: LinkState, has_qr: bool) {
        let qr = has_qr.then(|| Qr { code: QR.to_owned().into(), expires_at: self.in_twenty_seconds() });
        self.will_tell(LinkReport { state, reason: None, qr, code: None, jid: None });
    }

    fn will_tell(&self, report: LinkReport) {
        let (links, clock, number) = (self.links.clone(), self.clock.clone(), phone(WORKER));
        self.sleeper.during(self.sleeper.slept().len(), move || {
            links.report_now(&number, Epoch::FIRST, &report, clock.now()).unwrap();
        });
    }

    fn in_twenty_seconds(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(20)
    }
}

fn phone(text: &str) -> Phone {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_seven_routes_of_the_contract() {
    let w = world().await;
    let empty = w.get("").await;
    assert_eq!((empty.status, &empty.body["description"]), (200, &json!({"workers": [], "admins": []})));
    let both = json!({"numbers_admins": [ADMIN], "numbers_workers": [WORKER, "5511777777777"]});
    let set = w.ana("POST", "", both).await;
    let expected = json!({"workers": ["5511777777777", WORKER], "admins": [ADMIN]});
    assert_eq!((set.status, &set.body["description"]), (201, &expected));
    for (method, status) in [("POST", 201), ("PUT", 200)] {
        let other = ["5511666666666"];
        for workers in [json!([WORKER]), json!(other), json!([]), json!([WORKER])] {
            let set = w.ana(method, "", json!({"numbers_workers": workers})).await;
            assert_eq!((set.status, &set.body["description"]["workers"]), (status, &workers), "{method}");
            assert_eq!(set.body["description"]["admins"], json!([ADMIN]), "{method}: no list, no change");
        }
    }
    let removed = w.ana("DELETE", "", json!({"number": ADMIN, "role": "admins"})).await;
    assert_eq!((removed.status, &removed.body["description"]["admins"]), (200, &json!([])));
    let added = w.ana("POST", "/add", json!({"number": "+55 11 77777-7777", "role": "workers"})).await;
    assert_eq!(added.status, 201);
    let status = w.get(&format!("/status?number={WORKER}")).await;
    assert_eq!(
        status.body["description"],
        json!({
            "status": "desconectado", "state": "offline", "since": null, "reason": null, "reason_code": null
        })
    );
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let w = world().await.with_worker().await;
    let three = json!({"numbers_workers": ["5511777777771", "5511777777772", "5511777777773"]});
    let many: Vec<String> = (0..50).map(|n| format!("55117777777{n:02}")).collect();
    for (method, path, body, status, code) in [
        ("POST", "", json!({}), 400, "MISSING_PARAMETER"),
        ("PUT", "", json!({"numbers_workers": null}), 400, "MISSING_PARAMETER"),
        ("POST", "", json!({"numbers_workers": "55"}), 422, "INVALID_PARAMETER"),
        ("POST", "", json!({"numbers_workers": [7]}), 422, "INVALID_PHONE"),
        ("POST", "", json!({"numbers_admins": ["1"]}), 422, "INVALID_PHONE"),
        ("POST", "", json!({"numbers_admins": many}), 422, "TOO_MANY_NUMBERS"),
        ("POST", "", three.clone(), 403, "PLAN_WORKER_LIMIT"),
        ("POST", "/add", json!({"number": ADMIN}), 400, "MISSING_PARAMETER"),
        ("POST", "/add", json!({"number": ADMIN, "role": "chefe"}), 422, "INVALID_ROLE"),
        ("DELETE", "", json!({"role": "admin"}), 400, "MISSING_PARAMETER"),
        ("DELETE", "", json!({"number": WORKER, "role": "admin"}), 404, "NUMBER_NOT_FOUND"),
        ("POST", "/disconnect", json!({}), 400, "MISSING_PARAMETER"),
        ("POST", "/disconnect", json!({"number": ADMIN}), 403, "NOT_YOUR_WORKER"),
    ] {
        let reply = w.ana(method, path, body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{method} {path} {body}");
    }
    for (path, status, code) in [
        ("/status", 400, "MISSING_PARAMETER"),
        ("/status?number=12", 422, "INVALID_PHONE"),
        ("/status?number=5511999999999", 403, "NOT_YOUR_WORKER"),
        ("/connect", 400, "MISSING_PARAMETER"),
        ("/connect?number=5511999999999", 403, "NOT_YOUR_WORKER"),
        ("/connect?number=5511999999999&method=code", 403, "NOT_YOUR_WORKER"),
        ("/connect?number=5511888888888&method=fax", 422, "INVALID_PARAMETER"),
    ] {
        let reply = w.get(path).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
    }
    assert!(w.commands.pushed().is_empty(), "what is refused changes nothing");
    let limit = w.ana("POST", "", three).await;
    assert!(limit.body["description"].as_str().unwrap().contains("basico"), "{}", limit.text);
}

#[tokio::test]
async fn every_route_needs_a_tenant() {
    let w = world().await;
    for (method, path) in [
        ("GET", ""),
        ("POST", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/add"),
        ("GET", "/status"),
        ("GET", "/connect"),
        ("POST", "/disconnect"),
        ("GET", "/pace"),
        ("PUT", "/pace"),
    ] {
        let reply = w.call("cart_wrong", method, path, None).await;
        assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"), "{method} {path}");
    }
}

#[tokio::test]
async fn another_tenants_worker_is_not_to_be_had() {
    let w = world().await.with_worker().await;
    let add = json!({"number": WORKER, "role": "worker"});
    let claimed = w.call(&w.bia, "POST", "/add", Some(add.clone())).await;
    assert_eq!((claimed.status, claimed.code()), (409, "WORKER_TAKEN"));
    for path in ["/status", "/connect"] {
        let reply = w.call(&w.bia, "GET", &format!("{path}?number={WORKER}"), None).await;
        assert_eq!((reply.status, reply.code()), (403, "NOT_YOUR_WORKER"));
    }
    assert_eq!(w.call(&w.bia, "DELETE", "", Some(add)).await.status, 404);
    let admin = json!({"number": WORKER, "role": "admin"});
    assert_eq!(
        w.call(&w.bia, "POST", "/add", Some(admin)).await.status,
        201,
        "only workers belong to one tenant"
    );
}

#[tokio::test]
async fn stores_that_fail_are_503() {
    let w = world().await.with_worker().await;
    w.numbers.switch.fail();
    assert_eq!(w.get("").await.status, 503);
    w.numbers.switch.recover();
    w.links.switch.fail();
    assert_eq!(w.get(&format!("/connect?number={WORKER}")).await.status, 503);
}

#[tokio::test]
async fn the_sample_event_is_answered() {
    let w = world().await.with_worker().await;
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/numbers.json")).unwrap();
    event["headers"]["token"] = json!(w.ana);
    event["rawQueryString"] = json!(format!("number={WORKER}"));
    assert_eq!(send_event(&w.router, event).await.status, 200);
}
