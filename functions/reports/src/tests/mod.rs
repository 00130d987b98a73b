//! The function in its process, over ports in memory.

mod large;

use crate::routes::{App, router};
use axum::Router;
use carteiro_core::ids::SendId;
use carteiro_core::ports::{Accounts, SendHistory, Sends};
use carteiro_core::send::{Send, Text};
use carteiro_core::testing::{
    ManualClock, MemoryAccounts, MemoryExportQueue, MemoryExports, MemoryObjects, MemorySecret, MemorySends,
    tenant,
};
use carteiro_core::token::ApiToken;
use carteiro_core::usecase::{FindExport, Report};
use carteiro_http::testing::{Call, Reply, send_event, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const PATH: &str = "/v2/reports/sends";

struct Function {
    router: Router,
    sends: Arc<MemorySends>,
    exports: Arc<MemoryExports>,
    queue: Arc<MemoryExportQueue>,
    objects: Arc<MemoryObjects>,
    clock: Arc<ManualClock>,
    secret: Arc<MemorySecret>,
    jwt: String,
}

fn key(kid: u8) -> String {
    json!({ "kid": kid.to_string(), "key": kid.to_string().repeat(48) }).to_string()
}

fn token(seed: u8) -> ApiToken {
    ApiToken::from_random([seed; 32])
}

/// A send of the first tenant, accepted that many minutes after 14/11/2023, 19:13:20.
fn send(minute: u8) -> Send {
    let queued_at =
        Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_mins(i64::from(minute));
    let (from, to): (_, carteiro_core::phone::Phone) =
        ("5511988887777".parse().unwrap(), "5511888888888".parse().unwrap());
    let text = Text::parse(format!("texto {minute}")).unwrap();
    Send::of_text(SendId::from_random([minute; 16]), tenant(1, None).id, from, to, text, queued_at)
}

impl Function {
    /// With two tenants, of whom the first has so many sends.
    async fn new(count: u8) -> Self {
        let sends: Arc<MemorySends> = Arc::default();
        for minute in 0..count {
            sends.create(&send(minute), send(minute).queued_at).await.unwrap();
        }
        Self::over(sends.clone(), sends, Arc::default()).await
    }

    /// With that history.
    async fn over(history: Arc<dyn SendHistory>, sends: Arc<MemorySends>, clock: Arc<ManualClock>) -> Self {
        let accounts: Arc<MemoryAccounts> = Arc::default();
        for seed in [1, 2] {
            accounts.create(&tenant(seed, Some(&token(seed)))).await.unwrap();
        }
        let (exports, queue, objects): (Arc<MemoryExports>, Arc<MemoryExportQueue>, Arc<MemoryObjects>) =
            Default::default();
        let secret = Arc::new(MemorySecret::new(key(1)));
        let keys = Arc::new(KeyRing::load(secret.clone(), clock.clone()).await.unwrap());
        let authenticator = Arc::new(Authenticator::new(accounts, clock.clone(), keys.clone()));
        let jwt = authenticator.issue(tenant(1, None).id).await.unwrap();
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let app = App {
            report: Report::new(history, exports.clone(), queue.clone(), clock.clone(), zone),
            exports: FindExport::new(exports.clone(), objects.clone(), clock.clone()),
            keys,
        };
        let router = router(app, wide_gate(authenticator)).unwrap();
        Self { router, sends, exports, queue, objects, clock, secret, jwt }
    }

    async fn call(&self, path: &str) -> Reply {
        let call = Call::new("GET", path).header("authorization", &format!("Bearer {}", self.jwt));
        call.send(&self.router).await
    }

    async fn get(&self, query: &str) -> Reply {
        self.call(&format!("{PATH}?{query}")).await
    }
}

fn messages(reply: &Reply) -> Vec<Value> {
    reply.body["description"].as_array().unwrap().iter().map(|item| item["message"].clone()).collect()
}

#[tokio::test]
async fn tells_of_the_sends_of_a_number() {
    let function = Function::new(1).await;
    let reply = function.get("from_number=5511988887777").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(
        reply.body,
        json!({
            "success": true,
            "message": "Envios filtrados para o número 5511988887777",
            "description": [{
                "send_id": send(0).id.to_string(), "from_number": "5511988887777", "to_number": "5511888888888",
                "message": "texto 0", "message_type": "text", "status": "na fila", "error_code": null, "reason": null,
                "waiting": null, "date_time_queue": "14/11/2023, 19:13:20", "date_time_send": null,
                "date_time_delivered": null, "date_time_read": null,
                "date_time_scheduled": null, "date_time_expires": "15/11/2023, 19:13:20"
            }],
            "next_cursor": null
        })
    );
}

#[tokio::test]
async fn takes_dates_as_clients_write_them() {
    let function = Function::new(3).await;
    for (dates, count) in [
        ("init_time=14/11/2023&end_time=14/11/2023", 3),
        ("init_time=14%2F11%2F2023&end_time=14%2F11%2F2023", 3),
        ("init_time=2023-11-14&end_time=2023-11-14", 3),
        ("init_time=14/11/2023%2019:14:00&end_time=14/11/2023+19:14:30", 1),
        ("init_time=&end_time=", 3),
        ("init_time=15/11/2023&end_time=2023-11-15", 0),
    ] {
        let reply = function.get(&format!("from_number=%2B55+11+98888-7777&{dates}")).await;
        assert_eq!((reply.status, messages(&reply).len()), (200, count), "{dates}");
    }
}

#[tokio::test]
async fn goes_on_by_its_cursor() {
    let function = Function::new(5).await;
    let query = "from_number=5511988887777&init_time=2023-11-14&limit=2";
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let reply = function.get(&format!("{query}&cursor={cursor}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        seen.extend(messages(&reply));
        match reply.body["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, (0..5).map(|n| json!(format!("texto {n}"))).collect::<Vec<_>>());
    let stolen = Call::new("GET", &format!("{PATH}?{query}&cursor={cursor}"))
        .header("token", token(2).reveal())
        .send(&function.router)
        .await;
    assert_eq!((stolen.status, stolen.code()), (422, "INVALID_CURSOR"));
}

#[tokio::test]
async fn refuses_what_the_contract_refuses() {
    let function = Function::new(1).await;
    for (query, status, code) in [
        ("", 400, "MISSING_PARAMETER"),
        ("init_time=01/01/2024", 400, "MISSING_PARAMETER"),
        ("from_number=5511988887777&from_number=5511988887778", 400, "MALFORMED_QUERY"),
        ("from_number=", 422, "INVALID_PHONE"),
        ("from_number=123", 422, "INVALID_PHONE"),
        ("from_number=5511988887777&init_time=31/02/2024", 422, "INVALID_DATE"),
        ("from_number=5511988887777&end_time=2024-1-1", 422, "INVALID_DATE"),
        ("from_number=5511988887777&init_time=02/01/2024&end_time=01/01/2024", 422, "INVALID_PERIOD"),
        ("from_number=5511988887777&limit=0", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&limit=1001", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&cursor=00", 422, "INVALID_CURSOR"),
        ("from_number=5511988887777&format=csv&summary=true", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&format=csv&limit=10", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&summary=true&cursor=00", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&format=csv&separator=tab", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&separator=comma", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&format=xml", 422, "INVALID_PARAMETER"),
        ("from_number=5511988887777&summary=2", 422, "INVALID_PARAMETER"),
    ] {
        let reply = function.get(query).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{query}");
    }
    let reply = Call::new("GET", &format!("{PATH}?from_number=5511988887777")).send(&function.router).await;
    assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
    function.sends.switch.fail();
    let reply = function.get("from_number=5511988887777").await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    let function = Function::new(1).await;
    let reply = Call::new("GET", &format!("/api{PATH}?from_number=5511988887777"))
        .header("token", token(2).reveal())
        .send(&function.router)
        .await;
    assert_eq!((reply.status, &reply.body["description"]), (200, &json!([])));
}

#[tokio::test]
async fn answers_the_sample_event() {
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/reports.json")).unwrap();
    let function = Function::new(0).await;
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for (n, queued_at) in
        ["2026-11-01T02:59:59Z", "2026-11-01T03:00:00Z", "2026-12-01T02:59:59Z", "2026-12-01T03:00:00Z"]
            .into_iter()
            .enumerate()
    {
        let from = "5511999999999".parse().unwrap();
        let send = Send { from, queued_at: at(queued_at), ..send(n as u8) };
        function.sends.create(&send, send.queued_at).await.unwrap();
    }
    event["headers"]["token"] = json!(token(1).reveal());
    let reply = send_event(&function.router, event).await;
    assert_eq!(
        (reply.status, messages(&reply)),
        (200, vec![json!("texto 1"), json!("texto 2")]),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn a_cursor_survives_the_replacement_of_the_key() {
    let function = Function::new(3).await;
    let query = "from_number=5511988887777&init_time=2023-11-14&limit=1";
    let cursor = |reply: &Reply| reply.body["next_cursor"].as_str().unwrap().to_owned();
    let first = cursor(&function.get(query).await);
    for (kid, taken) in [(2, true), (3, false)] {
        function.secret.rotate(key(kid));
        function.clock.advance(SignedDuration::from_secs(61));
        let call = Call::new("GET", &format!("{PATH}?{query}&cursor={first}"));
        let reply = call.header("token", token(1).reveal()).send(&function.router).await;
        match taken {
            true => assert_eq!(messages(&reply), [json!("texto 1")]),
            false => assert_eq!((reply.status, reply.code()), (422, "INVALID_CURSOR")),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_query_is_a_5xx(init in "[0-9/:+-]{0,20}", end in ".{0,20}", limit in "[0-9-]{0,5}|.{0,5}", cursor in "[0-9a-f]{0,120}",
                       format in "(csv|json|.{0,4})", summary in "(true|false|.{0,4})") {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let function = Function::new(1).await;
            let query = format!("from_number=5511988887777&init_time={init}&end_time={end}&limit={limit}&cursor={cursor}&format={format}&summary={summary}");
            assert!(function.get(&query).await.status < 500, "{query}");
        });
    }
}
