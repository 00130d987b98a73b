//! The log line of a request. By itself in its process: a callsite that another thread without a logger reaches first stays
//! silent here.

#![allow(clippy::unwrap_used, reason = "the helpers of tests stand outside of the test functions")]

use carteiro_core::phone::Phone;
use carteiro_core::ports::Accounts;
use carteiro_core::testing::{ManualClock, MemoryAccounts, MemorySecret, tenant};
use carteiro_core::token::ApiToken;
use carteiro_http::routes::{Function, ROUTES};
use carteiro_http::testing::{Call, wide_gate};
use carteiro_http::{Answer, Api, ApiError, Authenticator, JsonBody, KeyRing, Story, Tenant};
use carteiro_telemetry::testing::Lines;
use serde_json::{Value, json};
use std::sync::Arc;
use tracing_subscriber::layer::SubscriberExt;

async fn answer(_: Tenant, story: Story, body: JsonBody) -> Result<Answer, ApiError> {
    let number: Phone = body.required("number")?;
    story.number(&number);
    Ok(Answer::ok("Certo.").description(body.required::<String>("text")?))
}

#[tokio::test]
async fn it_tells_the_story_and_no_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let logger = carteiro_telemetry::logger("reports", move || writer.clone());
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(logger));

    let (accounts, clock) = (Arc::<MemoryAccounts>::default(), Arc::<ManualClock>::default());
    let secret = Arc::new(MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#));
    let keys = Arc::new(KeyRing::load(secret, clock.clone()).await.unwrap());
    let token = ApiToken::from_random([7; 32]);
    let user = tenant(1, Some(&token));
    accounts.create(&user).await.unwrap();
    let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys));
    let jwt = authenticator.issue(user.id).await.unwrap();
    let routes = ROUTES.iter().filter(|route| route.function == Function::Reports);
    let api = routes
        .fold(Api::new(Function::Reports), |api, route| api.route(route.method.clone(), route.path, answer));
    let router = api.behind(wide_gate(authenticator), ()).unwrap();
    let path = "/api/v2/reports/sends?secret=consulta";
    let bearer = format!("Bearer {jwt}");
    let body = json!({"number": "5511999999999", "text": "texto secreto"});
    Call::new("GET", path)
        .header("authorization", &bearer)
        .header("x-carteiro-front-key", "chave da frente")
        .json(body.clone())
        .send(&router)
        .await;
    accounts.switch.fail();
    Call::new("GET", path).header("token", token.reveal()).json(body.clone()).send(&router).await;
    accounts.switch.recover();
    let wrong = json!({"number": "5511888888888x"});
    Call::new("GET", path).header("api-token", token.reveal()).json(wrong).send(&router).await;
    Call::new("GET", "/nowhere/5511777777777").send(&router).await;
    drop(logging);

    let text = lines.text();
    for secret in [
        &*jwt,
        token.reveal(),
        "chave da frente",
        "texto secreto",
        "consulta",
        "99999999",
        "88888888",
        "77777777",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "one line a request: {text}");
    let (answered, failed, refused, nowhere) = (&lines[0], &lines[1], &lines[2], &lines[3]);
    assert_eq!((&answered["level"], &answered["message"]), (&json!("INFO"), &json!("request")));
    assert_eq!((&answered["method"], &answered["status"]), (&json!("GET"), &json!(200)));
    assert_eq!(answered["route"], "/api/v2/reports/sends");
    assert_eq!((&answered["request_id"], &answered["service"]), (&json!("request-1"), &json!("reports")));
    assert_eq!(answered["tenant_id"], user.id.to_string());
    assert_eq!(answered["number"], "5511•••••••99");
    assert!(answered["ms"].is_u64() && answered.get("code").is_none());
    assert_eq!((&failed["level"], &failed["code"]), (&json!("ERROR"), &json!("UNAVAILABLE")));
    assert!(failed["cause"].as_str().unwrap().contains("find_by_token"));
    assert_eq!((&refused["code"], &refused["tenant_id"]), (&json!("INVALID_PHONE"), &answered["tenant_id"]));
    assert_eq!((&nowhere["status"], nowhere.get("route")), (&json!(404), None));
}
