//! The gate in front of every route, seen from API Gateway.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests stand outside of the test functions"
)]

mod access;
mod front;
mod rates;
mod v1;

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
