//! The gate in front of every route, seen from API Gateway.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests stand outside of the test functions"
)]

use axum::Router;
use carteiro_core::ids::{TokenId, UserId};
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, ApiKeys, Clock};
use carteiro_core::rate::Rate;
use carteiro_core::scope::{Scope, Scopes};
use carteiro_core::testing::{ManualClock, MemoryAccounts, MemoryRates, MemorySecret, tenant};
use carteiro_core::token::{ApiKey, ApiToken};
use carteiro_http::routes::{Access, Function, ROUTES};
use carteiro_http::testing::{Call, OPERATOR, Reply, gate};
use carteiro_http::{Answer, Api, ApiError, Authenticator, Gate, KeyRing, Limiter, QueryFields, Tenant};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// One request a second, three at once.
const RATE: Rate = Rate::every(SignedDuration::from_secs(1), 3);

struct World {
    accounts: Arc<MemoryAccounts>,
    rates: Arc<MemoryRates>,
    clock: Arc<ManualClock>,
    authenticator: Arc<Authenticator>,
    numbers: Router,
    users: Router,
}

/// Answers whose request it is.
async fn answer(tenant: Tenant, query: QueryFields) -> Result<Answer, ApiError> {
    match query.optional::<String>("do")?.as_deref() {
        Some("panic") => panic!("a defect"),
        Some("number") => Err(query.required::<carteiro_core::phone::Phone>("number").unwrap_err()),
        _ => Ok(Answer::ok("Certo.").description(tenant.id.to_string())),
    }
}

async fn anyone() -> Answer {
    Answer::ok("Certo.")
}

/// The routes of a function: the tenants' answer whose request it is.
fn router(function: Function, gate: &Arc<Gate>) -> Router {
    let routes = ROUTES.iter().filter(|route| route.function == function);
    let api = routes.fold(Api::new(function), |api, route| match route.access {
        Access::Tenant(_) => api.route(route.method.clone(), route.path, answer),
        _ => api.route(route.method.clone(), route.path, anyone),
    });
    api.behind(Arc::clone(gate), ()).unwrap()
}

async fn world() -> World {
    let (accounts, clock) = (Arc::<MemoryAccounts>::default(), Arc::<ManualClock>::default());
    let rates = Arc::<MemoryRates>::default();
    let secret = Arc::new(MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#));
    let keys = Arc::new(KeyRing::load(secret, clock.clone()).await.unwrap());
    let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys));
    for id in [1, 2] {
        accounts.create(&tenant(id, Some(&token(id)))).await.unwrap();
    }
    let gate = gate(authenticator.clone(), rates.clone(), clock.clone(), RATE);
    let numbers = router(Function::Numbers, &gate);
    let users = router(Function::Users, &gate);
    World { accounts, rates, clock, authenticator, numbers, users }
}

fn token(id: u8) -> ApiToken {
    ApiToken::from_random([id; 32])
}

const PATH: &str = "/v2/numbers";

impl World {
    async fn get(&self, path: &str, id: u8) -> Reply {
        Call::new("GET", path).header("token", token(id).reveal()).send(&self.numbers).await
    }

    async fn anonymous(&self, address: &str) -> Reply {
        Call::new("GET", PATH).from_address(address).send(&self.numbers).await
    }
}

fn shown(reply: &Reply) -> (&str, &str, &str) {
    (reply.header("ratelimit-limit"), reply.header("ratelimit-remaining"), reply.header("ratelimit-reset"))
}

#[tokio::test]
async fn a_tenant_has_its_burst_and_then_the_steady_rate() {
    let w = world().await;
    for expected in [("3", "2", "1"), ("3", "1", "2"), ("3", "0", "3")] {
        let reply = w.get(PATH, 1).await;
        assert_eq!((reply.status, shown(&reply)), (200, expected), "{}", reply.text);
    }
    w.clock.advance(SignedDuration::from_millis(300));
    let refused = w.get(PATH, 1).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert_eq!((refused.header("retry-after"), shown(&refused)), ("1", ("3", "0", "3")));
    assert!(refused.body["description"].as_str().unwrap().contains("Retry-After"));
    assert_eq!(w.get(PATH, 2).await.status, 200, "another tenant from the same address");
    w.clock.advance(SignedDuration::from_millis(700));
    assert_eq!(w.get("/api/v2/numbers", 1).await.status, 200, "its time has come");
    assert_eq!(w.get(PATH, 1).await.status, 429);
}

#[tokio::test]
async fn every_answer_shows_how_its_caller_stands() {
    let w = world().await;
    for (method, path, credential, status) in [
        ("GET", PATH, true, 200),
        ("GET", "/v2/numbers?do=number&do=number", true, 400),
        ("GET", "/v2/numbers?do=number&number=1", true, 422),
        ("GET", "/v2/numbers?do=panic", true, 500),
        ("GET", PATH, false, 401),
        ("GET", "/nowhere", true, 404),
        ("PATCH", PATH, true, 405),
    ] {
        w.clock.advance(SignedDuration::from_secs(60));
        let call = Call::new(method, path);
        let call = if credential { call.header("token", token(1).reveal()) } else { call };
        let reply = call.send(&w.numbers).await;
        assert_eq!((reply.status, shown(&reply)), (status, ("3", "2", "1")), "{method} {path}");
        assert_eq!(w.rates.switch.asked(), ["admit"], "{method} {path} is counted once");
    }
    w.clock.advance(SignedDuration::from_secs(60));
    w.accounts.switch.fail();
    let reply = w.get(PATH, 2).await;
    assert_eq!((reply.status, reply.header("retry-after"), shown(&reply)), (503, "1", ("3", "2", "1")));
    let login = Call::new("POST", "/v2/users/login").send(&w.users).await;
    assert_eq!(
        (login.status, shown(&login)),
        (200, ("3", "1", "2")),
        "a public route, from the same address"
    );
}

#[tokio::test]
async fn who_shows_no_good_credential_is_counted_by_address() {
    let w = world().await;
    for _ in 0..3 {
        assert_eq!(w.anonymous("203.0.113.7").await.status, 401);
    }
    assert_eq!(w.anonymous("203.0.113.7").await.code(), "RATE_LIMITED");
    assert_eq!(w.anonymous("203.0.113.8").await.status, 401);
    let unknown = Call::new("GET", "/nowhere").from_address("203.0.113.7").send(&w.numbers).await;
    assert_eq!(unknown.status, 429, "unknown routes count with them");
    let forged = Call::new("GET", PATH).header("x-forwarded-for", "198.51.100.1").from_address("203.0.113.7");
    assert_eq!(forged.send(&w.numbers).await.status, 429, "what a client writes of its address is not read");
    let good = Call::new("GET", PATH).header("token", token(1).reveal()).from_address("203.0.113.7");
    assert_eq!(good.send(&w.numbers).await.status, 200, "a good credential from there has its own rate");
    for host in 1..=3 {
        assert_eq!(w.anonymous(&format!("2001:db8::{host}")).await.status, 401);
    }
    assert_eq!(w.anonymous("2001:db8::4").await.status, 429, "one IPv6 network is one source");
    assert_eq!(w.anonymous("2001:db8:0:1::1").await.status, 401);
}

#[tokio::test]
async fn guessed_credentials_are_held_back_and_the_handler_never_sees_them() {
    let w = world().await;
    let bad = format!("cart_{}", "0".repeat(64));
    let mut refused = Vec::new();
    for _ in 0..5 {
        let call = Call::new("GET", "/v2/numbers?do=panic").header("token", &bad);
        refused.push(call.send(&w.numbers).await.status);
    }
    assert_eq!(refused, [401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn two_hundred_at_once_over_several_instances_get_no_more_than_the_limit() {
    let w = world().await;
    let rate = Rate::every(SignedDuration::from_secs(1), 40);
    let instances: Vec<Router> = (0..4)
        .map(|_| {
            let gate = gate(w.authenticator.clone(), w.rates.clone(), w.clock.clone(), rate);
            router(Function::Numbers, &gate)
        })
        .collect();
    // The answer of the Lambda adapter stays on its thread, so each caller has its own.
    let threads: Vec<_> = (0..200)
        .map(|n| {
            let router = instances[n % instances.len()].clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let call = Call::new("GET", PATH).header("token", token(1).reveal());
                runtime.block_on(call.send(&router)).status
            })
        })
        .collect();
    let statuses: Vec<u64> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let of = |status| statuses.iter().filter(|s| **s == status).count();
    assert_eq!((of(200), of(429)), (40, 160));
}

#[tokio::test]
async fn an_outage_of_the_store_lets_requests_through() {
    let w = world().await;
    w.rates.switch.fail();
    for _ in 0..5 {
        let reply = w.get(PATH, 1).await;
        assert_eq!((reply.status, shown(&reply)), (200, ("3", "3", "0")));
    }
}

#[tokio::test]
async fn the_plan_goes_before_the_deployment_and_a_changed_plan_holds_when_it_is_seen() {
    let w = world().await;
    let plans = r#"{
        "basico":{"media_types":[],"workers":0,"default":true,"rates":{"numbers":{"per_minute":60,"burst":1}}},
        "premium":{"media_types":[],"workers":0,"rates":{"numbers":{"per_minute":60,"burst":9}}}}"#;
    let plans = Arc::new(Plans::from_json(plans).unwrap());
    let limits = carteiro_http::testing::limits(RATE);
    let limiter = Limiter::new(w.rates.clone(), w.clock.clone(), plans.clone(), limits).unwrap();
    let gate = Gate::new(limiter).tenants(w.authenticator.clone());
    let numbers = router(Function::Numbers, &Arc::new(gate));
    let get = async || Call::new("GET", PATH).header("token", token(1).reveal()).send(&numbers).await;
    assert_eq!(shown(&get().await), ("1", "0", "1"));
    assert_eq!(get().await.status, 429);

    let mut user = tenant(1, Some(&token(1)));
    w.accounts.remove(&user).await.unwrap();
    user.plan = plans.parse_name("premium").unwrap();
    w.accounts.create(&user).await.unwrap();
    w.authenticator.forget(user.id);
    assert_eq!(shown(&get().await), ("9", "7", "2"), "what it did under the old plan counts");
}

#[tokio::test]
async fn the_operators_routes_want_the_operators_token() {
    let w = world().await;
    let register = async |name: &str, value: &str| {
        Call::new("POST", "/v2/users/register").header(name, value).json(json!({})).send(&w.users).await
    };
    assert_eq!(register("api-token", OPERATOR).await.status, 200);
    assert_eq!(register("token", OPERATOR).await.code(), "OPERATOR_ONLY");
    assert_eq!(register("api-token", token(1).reveal()).await.code(), "OPERATOR_ONLY");
    let fourth = register("api-token", OPERATOR).await;
    assert_eq!(fourth.code(), "RATE_LIMITED", "guesses are held back by their address");
}

#[tokio::test]
async fn no_tenants_route_is_open() {
    let w = world().await;
    let tenants = ROUTES.iter().filter(|route| matches!(route.access, Access::Tenant(_)));
    let mut seen = 0;
    for route in tenants {
        let router = match route.function {
            Function::Numbers => &w.numbers,
            Function::Users => &w.users,
            _ => continue,
        };
        for prefix in ["", "/api"] {
            w.clock.advance(SignedDuration::from_secs(60));
            let path = format!("{prefix}{}", route.path.replace(['{', '}'], ""));
            let call = Call::new(route.method.as_str(), &path).header("api-token", OPERATOR);
            assert_eq!(call.send(router).await.code(), "UNAUTHENTICATED", "{} {path}", route.method);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
    let head = Call::new("HEAD", PATH).send(&w.numbers).await;
    assert_eq!(head.status, 401);
}

#[tokio::test]
async fn a_gate_must_know_those_whom_its_routes_are_for() {
    let w = world().await;
    let limiter = || {
        let plans = Plans::from_json(r#"{"basico":{"media_types":[],"workers":0,"default":true}}"#).unwrap();
        let limits = carteiro_http::testing::limits(RATE);
        Limiter::new(w.rates.clone(), w.clock.clone(), Arc::new(plans), limits).unwrap()
    };
    let built = |function: Function, gate: Gate| {
        let routes = ROUTES.iter().filter(|route| route.function == function);
        let api =
            routes.fold(Api::new(function), |api, route| api.route(route.method.clone(), route.path, anyone));
        api.behind(Arc::new(gate), ()).map(|_| ()).map_err(|error| error.to_string())
    };
    assert!(built(Function::Numbers, Gate::new(limiter())).unwrap_err().contains("tenants"));
    let tenants = Gate::new(limiter()).tenants(w.authenticator.clone());
    assert!(built(Function::Users, tenants).unwrap_err().contains("operator"));
    assert_eq!(built(Function::Auth, Gate::new(limiter())), Ok(()));
}

#[tokio::test]
async fn a_jwt_may_do_everything() {
    let w = world().await;
    let id = UserId::from_random([1; 16]);
    let jwt = format!("Bearer {}", w.authenticator.issue(id).await);
    for (method, path) in [("GET", PATH), ("POST", "/v2/numbers/add")] {
        let reply = Call::new(method, path).header("authorization", &jwt).send(&w.numbers).await;
        assert_eq!((reply.status, &reply.body["description"]), (200, &json!(id.to_string())));
    }
}

/// A token of the first tenant for one scope only, which ends an hour from now.
async fn scoped(w: &World, scope: Scope) -> (ApiKey, ApiToken) {
    let token = ApiToken::from_random([scope as u8 + 100; 32]);
    let now = w.clock.now();
    let key = ApiKey {
        id: TokenId::from_random([scope as u8; 16]),
        user: UserId::from_random([1; 16]),
        name: None,
        prefix: token.prefix(),
        hash: token.hash(),
        scopes: Scopes::new([scope]).unwrap(),
        created_at: now,
        expires_at: Some(now + SignedDuration::from_hours(1)),
    };
    w.accounts.add(&key, now).await.unwrap();
    (key, token)
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say_and_nothing_else() {
    let w = world().await;
    for has in Scope::ALL {
        let (_, token) = scoped(&w, has).await;
        for route in ROUTES.iter().filter(|route| route.function == Function::Numbers) {
            let Access::Tenant(wants) = route.access else { panic!("{route:?}") };
            w.clock.advance(SignedDuration::from_secs(60));
            let call = Call::new(route.method.as_str(), route.path).header("token", token.reveal());
            let reply = call.send(&w.numbers).await;
            if has == wants {
                assert_eq!(reply.status, 200, "{} {}", route.method, route.path);
            } else {
                assert_eq!((reply.status, reply.code()), (403, "SCOPE_FORBIDS"));
                let said = reply.body["description"].as_str().unwrap();
                assert!(said.contains(wants.as_str()), "{said}");
            }
            assert_eq!(shown(&reply), ("3", "2", "1"), "the tenant is counted for both");
        }
    }
}

#[tokio::test]
async fn a_token_ends_at_its_time_even_where_it_is_remembered() {
    let w = world().await;
    let (_, token) = scoped(&w, Scope::Read).await;
    let get = async || Call::new("GET", PATH).header("token", token.reveal()).send(&w.numbers).await;
    w.clock.advance(SignedDuration::from_secs(3_595));
    assert_eq!(get().await.status, 200);
    w.clock.advance(SignedDuration::from_secs(4));
    assert_eq!(get().await.status, 200);
    w.clock.advance(SignedDuration::from_secs(1));
    let ended = get().await;
    assert_eq!((ended.status, ended.code()), (401, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn a_revoked_token_stops_within_a_minute() {
    let w = world().await;
    let (key, token) = scoped(&w, Scope::Read).await;
    let get = async || Call::new("GET", PATH).header("token", token.reveal()).send(&w.numbers).await;
    assert_eq!(get().await.status, 200);
    assert!(w.accounts.revoke(key.user, key.id).await.unwrap());
    let mut seconds = 0;
    while get().await.status == 200 {
        w.clock.advance(SignedDuration::from_secs(1));
        seconds += 1;
        assert!(seconds < 60, "it still works after a minute");
    }
    assert_eq!(seconds, 15);
}
