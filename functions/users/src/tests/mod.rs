//! The function in its process, over ports in memory.

mod audit;
mod operator;
mod privacy;
mod removal;
mod retention;
mod tokens;

use crate::routes::{App, router};
use axum::Router;
use carteiro_core::plan::Plans;
use carteiro_core::testing::*;
use carteiro_core::usecase::{
    AskPrivacy, ChooseRetention, FindPrivacy, LogIn, OperatorPrivacy, RegisterUser, RemoveUser, Sessions,
    Tokens, Trail,
};
use carteiro_http::testing::{Call, OPERATOR, Reply, send_event, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":1,"default":true},
    "premium":{"media_types":["text","image"],"workers":9}}"#;

struct World {
    accounts: Arc<MemoryAccounts>,
    clock: Arc<ManualClock>,
    authenticator: Arc<Authenticator>,
    store: Arc<MemoryPrivacy>,
    personal: Arc<MemoryPersonalData>,
    trail: Arc<MemoryAudit>,
    router: Router,
}

async fn world() -> World {
    let (accounts, numbers) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryNumbers>::default());
    let (clock, random) = (Arc::<ManualClock>::default(), Arc::<SeededRandom>::default());
    let secret = MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await.unwrap());
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: Arc::<MemoryLinks>::default(),
        commands: Arc::<MemoryShardSender>::default(),
        clock: clock.clone(),
        random: random.clone(),
    };
    let plans = Arc::new(Plans::from_json(PLANS).unwrap());
    let store = Arc::<MemoryPrivacy>::default();
    let personal = Arc::<MemoryPersonalData>::default();
    let ask = Arc::new(AskPrivacy {
        operations: store.clone(),
        queue: store.clone(),
        personal: personal.clone(),
        clock: clock.clone(),
    });
    let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys));
    let trail = Arc::<MemoryAudit>::default();
    let written = Trail { store: trail.clone(), clock: clock.clone(), random: random.clone() };
    let rates = Arc::<MemoryRates>::default();
    let log_in = LogIn { accounts: accounts.clone(), rates, clock: clock.clone() };
    let remove = Arc::new(RemoveUser {
        accounts: accounts.clone(),
        log_in: log_in.clone(),
        numbers,
        sessions,
        named: Arc::<MemoryNamedSessions>::default(),
        pairings: Arc::<MemoryPairings>::default(),
        receivers: Arc::<MemoryWebhooks>::default(),
        privacy: ask.clone(),
        clock: clock.clone(),
    });
    let find = Arc::new(FindPrivacy {
        operations: store.clone(),
        links: Arc::<MemoryObjects>::default(),
        clock: clock.clone(),
    });
    let app = App {
        operator: OperatorPrivacy {
            accounts: accounts.clone(),
            ask: ask.clone(),
            find: find.clone(),
            remove: remove.clone(),
            trail: written.clone(),
        },
        retention: ChooseRetention { accounts: accounts.clone(), plans: plans.clone() },
        authenticator: authenticator.clone(),
        log_in,
        register: RegisterUser {
            accounts: accounts.clone(),
            clock: clock.clone(),
            random: random.clone(),
            plans,
            trail: written,
        },
        remove,
        privacy: ask,
        operations: find.clone(),
        tokens: Tokens { keys: accounts.clone(), clock: clock.clone(), random },
    };
    let router = router(app, wide_gate(authenticator.clone())).unwrap();
    World { accounts, clock, authenticator, store, personal, trail, router }
}

fn ana() -> Value {
    json!({"login": "usuario", "number": "5511999999999", "password": "senha123", "plan": "premium"})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

impl World {
    async fn post(&self, route: &str, header: Option<(&str, &str)>, body: Value) -> Reply {
        let call = Call::new("POST", &format!("/v2/users/{route}")).json(body);
        let call = match header {
            Some((name, value)) => call.header(name, value),
            None => call,
        };
        call.send(&self.router).await
    }

    async fn register(&self, body: Value) -> Reply {
        self.post("register", Some(("Api-Token", OPERATOR)), body).await
    }
}

#[tokio::test]
async fn passwords_are_not_guessed_without_end() {
    let w = world().await;
    assert_eq!(w.register(ana()).await.status, 201);
    for login in ["usuario", "ninguem"] {
        let wrong = json!({"login": login, "password": "senha124"});
        for _ in 0..10 {
            assert_eq!(w.post("login", None, wrong.clone()).await.status, 401);
        }
        let held = w.post("login", None, json!({"login": login, "password": "senha123"})).await;
        assert_eq!((held.status, held.code(), held.header("retry-after")), (429, "RATE_LIMITED", "30"));
    }
}

#[tokio::test]
async fn an_account_is_made_used_and_removed() {
    let w = world().await;
    let made = w.register(ana()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let token = made.body["description"]["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("cart_") && made.body["description"]["user_id"].is_string());
    assert_eq!(made.header("cache-control"), "no-store");

    let credentials = json!({"login": "Usuario", "password": "senha123"});
    let login = w.post("login", None, credentials.clone()).await;
    assert_eq!((login.status, &login.body["expires_in"]), (200, &json!(86400)));
    let jwt = login.body["token"].as_str().unwrap().to_owned();

    let wrong = with(credentials.clone(), "password", json!("senha124"));
    let refused = w.post("remove", Some(("token", &token)), wrong).await;
    assert_eq!((refused.status, refused.code()), (422, "REMOVAL_REFUSED"), "401 would log a client out");
    let bearer = format!("Bearer {jwt}");
    assert_eq!(w.post("remove", Some(("Authorization", &bearer)), credentials.clone()).await.status, 200);
    let gone = w.post("remove", Some(("token", &token)), credentials.clone()).await;
    assert_eq!((gone.status, gone.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(w.post("login", None, credentials).await.code(), "WRONG_CREDENTIALS");
    assert_eq!(w.accounts.count(), 0);
}

#[tokio::test]
async fn every_place_and_kind_of_credential_is_taken() {
    let w = world().await;
    let made = w.register(ana()).await;
    let token = made.body["description"]["token"].as_str().unwrap().to_owned();
    let login = w.post("login", None, json!({"login": "usuario", "password": "senha123"})).await;
    let jwt = login.body["token"].as_str().unwrap().to_owned();
    for credential in [&token, &jwt] {
        for (name, value) in [
            ("token", credential.clone()),
            ("Token", credential.clone()),
            ("api-token", credential.clone()),
            ("authorization", format!("bearer {credential}")),
        ] {
            // Past the credential, the body is read.
            let reply = w.post("remove", Some((name, &value)), json!({})).await;
            assert_eq!(reply.status, 400, "{name}");
        }
    }
    for (name, value) in [
        ("token", "cart_0"),
        ("authorization", "Basic YTpi"),
        ("token", ""),
        ("x", &token),
        ("token", "a.b.c"),
    ] {
        assert_eq!(w.post("remove", Some((name, value)), json!({})).await.status, 401, "{name}: {value}");
    }
    let stale_jwt = Call::new("POST", "/v2/users/remove").header("authorization", "Bearer a.b.c");
    let reply = stale_jwt.header("token", &token).json(json!({})).send(&w.router).await;
    assert_eq!(reply.status, 400, "a bad credential does not spoil a good one");
}

#[tokio::test]
async fn only_the_operator_registers() {
    let w = world().await;
    for header in [None, Some(("api-token", "")), Some(("api-token", "other")), Some(("token", OPERATOR))] {
        let reply = w.post("register", header, ana()).await;
        assert_eq!((reply.status, reply.code()), (401, "OPERATOR_ONLY"), "{header:?}");
    }
    assert_eq!(w.accounts.count(), 0);
}

#[tokio::test]
async fn each_refusal_names_what_is_wrong_and_makes_nothing() {
    let w = world().await;
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (with(ana(), "login", Value::Null), 400, "MISSING_PARAMETER"),
        (with(ana(), "plan", Value::Null), 400, "MISSING_PARAMETER"),
        (with(ana(), "login", json!("a b")), 422, "INVALID_LOGIN"),
        (with(ana(), "number", json!("123")), 422, "INVALID_PHONE"),
        (with(ana(), "password", json!("curta")), 422, "INVALID_PASSWORD"),
        (with(ana(), "password", json!(12_345_678)), 422, "INVALID_PARAMETER"),
        (with(ana(), "plan", json!("ouro")), 422, "UNKNOWN_PLAN"),
    ] {
        let reply = w.register(body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
    assert_eq!(w.accounts.count(), 0);
    assert_eq!(w.register(ana()).await.status, 201);
    assert_eq!(w.register(ana()).await.code(), "LOGIN_TAKEN");
    let other = w.register(with(ana(), "login", json!("outro"))).await;
    assert_eq!((other.status, other.code()), (409, "PHONE_TAKEN"));
    for (body, status) in [
        (json!({"login": "usuario"}), 400),
        (json!({"login": "usuario", "password": "x"}), 401),
        (json!({"login": "", "password": "senha123"}), 401),
        (json!({"login": 1, "password": "senha123"}), 422),
    ] {
        assert_eq!(w.post("login", None, body.clone()).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn the_sample_event_is_answered() {
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/users.json")).unwrap();
    event["headers"]["api-token"] = json!(OPERATOR);
    let reply = send_event(&world().await.router, event).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("usuario")),
        Just(json!("5511999999999")),
        Just(json!("premium")),
        Just(json!(["a", {"b": []}])),
    ]
}

proptest! {
    // Each case costs a hash that is meant to be slow.
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_body_is_a_5xx(
        fields in prop::collection::hash_map(
            prop::sample::select(vec!["login", "number", "password", "plan"]).prop_map(String::from), any_value(), 0..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = world().await;
            let body: Value = fields.into_iter().collect();
            for route in ["register", "login", "remove"] {
                let reply = w.post(route, Some(("api-token", OPERATOR)), body.clone()).await;
                prop_assert!(reply.status < 500, "{}", reply.text);
            }
            Ok(())
        })?;
    }
}
