//! The function in its process, over ports in memory.

mod any_request;
mod audit;

use crate::routes::router;
use axum::Router;
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, LinkReport, LinkState, NumberChange, OwnedNumber, PairingMethod, Role};
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, Clock, Links, Numbers, Usage};
use carteiro_core::shard::Shard;
use carteiro_core::testing::*;
use carteiro_core::token::ApiToken;
use carteiro_core::usecase::{Operator, Trail};
use carteiro_core::user::User;
use carteiro_http::testing::{Call, OPERATOR, Reply, send_event, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::sync::Arc;

const PLANS: &str = r#"{
    "basico":{"media_types":["text"],"workers":1,"sends_per_day":100,"default":true},
    "premium":{"media_types":["text","image"],"workers":9,"rates":{"sends":{"per_minute":600,"burst":50}},"retention_days":90}
}"#;
const ROUTES: [(&str, &str); 7] = [
    ("GET", "/audit"),
    ("GET", "/plans"),
    ("GET", "/users"),
    ("GET", "/users/00000000-0000-4000-8000-000000000000"),
    ("PUT", "/users/00000000-0000-4000-8000-000000000000"),
    ("GET", "/users/00000000-0000-4000-8000-000000000000/numbers"),
    ("GET", "/users/00000000-0000-4000-8000-000000000000/usage"),
];

pub(crate) struct World {
    accounts: Arc<MemoryAccounts>,
    numbers: Arc<MemoryNumbers>,
    links: Arc<MemoryLinks>,
    usage: Arc<MemoryUsage>,
    trail: Arc<MemoryAudit>,
    clock: Arc<ManualClock>,
    router: Router,
}

async fn world() -> World {
    let (accounts, numbers) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryNumbers>::default());
    let (links, usage) = (Arc::<MemoryLinks>::default(), Arc::<MemoryUsage>::default());
    let (clock, trail) = (Arc::<ManualClock>::default(), Arc::<MemoryAudit>::default());
    let secret = MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await.unwrap());
    let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys));
    let operator = Operator {
        accounts: accounts.clone(),
        numbers: numbers.clone(),
        links: links.clone(),
        usage: usage.clone(),
        plans: Arc::new(Plans::from_json(PLANS).unwrap()),
        clock: clock.clone(),
        zone: TimeZone::get("America/Sao_Paulo").unwrap(),
        trail: Trail { store: trail.clone(), clock: clock.clone(), random: Arc::<SeededRandom>::default() },
    };
    let router = router(operator, wide_gate(authenticator)).unwrap();
    World { accounts, numbers, links, usage, trail, clock, router }
}

impl World {
    async fn tenant(&self, id: u8) -> User {
        let phone = format!("55119777700{id:02}").parse().unwrap();
        let tenant = User { phone: Some(phone), ..tenant(id, None) };
        self.accounts.create(&tenant).await.unwrap();
        tenant
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let call = Call::new(method, &format!("/api/v2/operator{path}"));
        call.header("api-token", OPERATOR).json(body).send(&self.router).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, json!({})).await
    }

    async fn put(&self, user: &User, body: Value) -> Reply {
        self.call("PUT", &format!("/users/{}", user.id), body).await
    }
}

#[tokio::test]
async fn only_the_operator_is_let_in() {
    let w = world().await;
    let token = ApiToken::from_random([1; 32]);
    w.accounts.create(&tenant(1, Some(&token))).await.unwrap();
    for (method, path) in ROUTES {
        for (name, value) in [
            ("x", ""),
            ("api-token", "outro"),
            ("api-token", token.reveal()),
            ("token", token.reveal()),
            ("token", OPERATOR),
            ("authorization", &format!("Bearer {OPERATOR}")),
        ] {
            let call = Call::new(method, &format!("/v2/operator{path}")).header(name, value);
            let reply = call.json(json!({"plan": "premium"})).send(&w.router).await;
            assert_eq!((reply.status, reply.code()), (401, "OPERATOR_ONLY"), "{method} {path} {name}");
        }
    }
}

#[tokio::test]
async fn the_plans_are_those_of_the_configuration() {
    let reply = world().await.get("/plans").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let expected = json!([
        {"name": "basico", "default": true, "media_types": ["text"], "workers": 1, "sends_per_day": 100, "rates": {},
         "retention_days": 400},
        {"name": "premium", "default": false, "media_types": ["text", "image"], "workers": 9,
         "sends_per_day": null, "rates": {"sends": {"per_minute": 600, "burst": 50}}, "retention_days": 90},
    ]);
    assert_eq!(reply.body["description"], expected);
}

#[tokio::test]
async fn tenants_are_listed_page_by_page() {
    let w = world().await;
    for id in 1..=5 {
        w.tenant(id).await;
    }
    let (mut seen, mut path) = (Vec::new(), "/users?limit=2".to_owned());
    loop {
        let reply = w.get(&path).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let description = &reply.body["description"];
        seen.extend(description["users"].as_array().unwrap().clone());
        match description["next_cursor"].as_str() {
            Some(cursor) => path = format!("/users?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let ids: std::collections::BTreeSet<&str> = seen.iter().map(|u| u["user_id"].as_str().unwrap()).collect();
    assert_eq!((seen.len(), ids.len()), (5, 5));
    for (query, code) in [
        ("limit=0", "INVALID_PARAMETER"),
        ("limit=101", "INVALID_PARAMETER"),
        ("limit=x", "INVALID_PARAMETER"),
        ("limit=-1", "INVALID_PARAMETER"),
        ("cursor=x", "INVALID_CURSOR"),
        ("cursor=", "INVALID_CURSOR"),
    ] {
        let reply = w.get(&format!("/users?{query}")).await;
        assert_eq!((reply.status, reply.code()), (422, code), "{query}");
    }
}

#[tokio::test]
async fn a_tenant_is_shown_and_changed() {
    let w = world().await;
    let ana = w.tenant(1).await;
    let shown = json!({
        "user_id": ana.id.to_string(), "login": null, "email": null, "email_returned": null, "number": "5511977770001", "plan": "basico",
        "time_zone": "America/Sao_Paulo", "retention_days": 400, "created_at": "1970-01-01T00:00:00Z",
    });
    let path = format!("/users/{}", ana.id);
    assert_eq!(w.get(&path).await.body["description"], shown);
    let reply = w.put(&ana, json!({"plan": "premium"})).await;
    assert_eq!(
        (reply.status, &reply.body["description"]["plan"]),
        (200, &json!("premium")),
        "{}",
        reply.text
    );
    let reply = w.put(&ana, json!({"time_zone": "america/manaus"})).await;
    let description = &reply.body["description"];
    assert_eq!(
        (&description["plan"], &description["time_zone"]),
        (&json!("premium"), &json!("America/Manaus"))
    );
    assert_eq!(w.get(&path).await.body["description"], *description);
    let kept = w.accounts.find(ana.id).await.unwrap().unwrap();
    assert_eq!((kept.plan.as_str(), kept.phone), ("premium", ana.phone));
}

#[tokio::test]
async fn each_refusal_has_its_status_and_changes_nothing() {
    let w = world().await;
    let ana = w.tenant(1).await;
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (json!({"plan": null}), 400, "MISSING_PARAMETER"),
        (json!({"plan": "ouro"}), 422, "UNKNOWN_PLAN"),
        (json!({"plan": 7}), 422, "INVALID_PARAMETER"),
        (json!({"plan": "premium", "time_zone": "Brasil"}), 422, "INVALID_TIME_ZONE"),
        (json!({"plan": "ouro", "time_zone": "America/Manaus"}), 422, "UNKNOWN_PLAN"),
    ] {
        let reply = w.put(&ana, body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
    assert_eq!(w.accounts.find(ana.id).await.unwrap(), Some(ana.clone()));
    for id in ["x", "00000000-0000-4000-8000-000000000000"] {
        for (method, rest) in [("GET", ""), ("PUT", ""), ("GET", "/numbers"), ("GET", "/usage")] {
            let reply = w.call(method, &format!("/users/{id}{rest}"), json!({"plan": "premium"})).await;
            assert_eq!((reply.status, reply.code()), (404, "USER_NOT_FOUND"), "{method} {id}{rest}");
        }
    }
    assert!(w.trail.all().is_empty(), "what is refused is not done");
    w.accounts.switch.fail();
    let reply = w.put(&ana, json!({"plan": "premium"})).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn numbers_are_shown_with_their_states() {
    let w = world().await;
    let ana = w.tenant(1).await;
    let number = |digits: &str, role| OwnedNumber { phone: digits.parse().unwrap(), role };
    let (worker, admin) = (number("5511888888888", Role::Worker), number("5511999999999", Role::Admin));
    let shard = Shard::from_stored(0);
    let adds = [worker.clone(), admin].map(|number| NumberChange::Add(number, shard));
    w.numbers.apply(ana.id, &adds, 1).await.unwrap();
    let (at, wanted) = (w.clock.now(), Desired::Connected(PairingMethod::Qr));
    w.links.want(&worker.phone, ana.id, shard, wanted, at).await.unwrap();
    let report = LinkReport {
        state: LinkState::Banned,
        reason: Some("WHATSAPP_403".into()),
        qr: None,
        code: None,
        jid: None,
    };
    w.links.report_now(&worker.phone, Epoch::FIRST, &report, at).unwrap();
    let reply = w.get(&format!("/users/{}/numbers", ana.id)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let expected = json!({
        "workers": [{
            "number": "5511888888888", "status": "desconectado", "state": "banned", "since": at.to_string(),
            "reason": "O WhatsApp baniu este número. Código do WhatsApp: 403.", "reason_code": "WHATSAPP_403",
        }],
        "admins": [{"number": "5511999999999"}],
    });
    assert_eq!(reply.body["description"], expected);
}

#[tokio::test]
async fn usage_stands_beside_the_limits() {
    let w = world().await;
    let ana = w.tenant(1).await;
    for _ in 0..3 {
        w.usage.count(ana.id, date(2023, 11, 2), None).await.unwrap();
    }
    let path = format!("/users/{}/usage", ana.id);
    let reply = w.get(&format!("{path}?from=2023-11-01&to=02/11/2023")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let expected = json!({
        "user_id": ana.id.to_string(), "plan": "basico", "time_zone": "America/Sao_Paulo", "sends": 3, "workers": 0,
        "days": [{"date": "2023-11-01", "sends": 0}, {"date": "2023-11-02", "sends": 3}],
        "limits": {"media_types": ["text"], "workers": 1, "sends_per_day": 100, "rates": {}, "retention_days": 400},
    });
    assert_eq!(reply.body["description"], expected);
    let last = w.get(&path).await;
    assert_eq!(last.body["description"]["days"].as_array().unwrap().len(), 30);
    for (query, code) in [
        ("from=2023-11-02&to=2023-11-01", "INVALID_PERIOD"),
        ("from=2023-01-01&to=2023-11-01", "INVALID_PERIOD"),
        ("from=ontem", "INVALID_DATE"),
        ("to=01/11/2023%2010:00:00", "INVALID_DATE"),
    ] {
        let reply = w.get(&format!("{path}?{query}")).await;
        assert_eq!((reply.status, reply.code()), (422, code), "{query}");
    }
    w.usage.switch.fail();
    assert_eq!(w.get(&path).await.status, 503);
}

#[tokio::test]
async fn the_sample_event_is_answered() {
    let w = world().await;
    w.tenant(1).await;
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/operator.json")).unwrap();
    event["headers"]["api-token"] = json!(OPERATOR);
    let reply = send_event(&w.router, event).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.body["description"]["users"].as_array().unwrap().len(), 1);
}
