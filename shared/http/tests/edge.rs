//! What happens around every request, seen from API Gateway.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests stand outside of the test functions"
)]

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::testing::{ManualClock, MemoryAccounts, MemorySecret};
use carteiro_http::routes::{Function, ROUTES};
use carteiro_http::testing::{Call, send_event, wide_gate};
use carteiro_http::{Answer, Api, ApiError, Authenticator, Gate, JsonBody, KeyRing, QueryFields};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// A route that is anyone's: what happens around it needs no credential.
const PATH: &str = "/v2/auth/otp/request";

async fn answer(State(()): State<()>, query: QueryFields, body: JsonBody) -> Result<Answer, ApiError> {
    match query.optional::<String>("do")?.as_deref() {
        Some("panic") => panic!("a secret"),
        Some("fail") => Err(Unavailable::new("dynamodb", "a secret").into()),
        Some("body") => {
            Ok(Answer::ok("Certo.").description(body.required::<Phone>("number")?.digits().to_owned()))
        }
        _ => Ok(Answer::ok("Certo.").description(query.required::<Phone>("number")?.digits().to_owned())),
    }
}

async fn gate() -> Arc<Gate> {
    let clock = Arc::<ManualClock>::default();
    let secret = Arc::new(MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#));
    let keys = Arc::new(KeyRing::load(secret, clock.clone()).await.unwrap());
    wide_gate(Arc::new(Authenticator::new(Arc::<MemoryAccounts>::default(), clock, keys)))
}

async fn router() -> Router {
    let routes = ROUTES.iter().filter(|route| route.function == Function::Auth);
    let api = routes
        .fold(Api::new(Function::Auth), |api, route| api.route(route.method.clone(), route.path, answer));
    api.behind(gate().await, ()).unwrap()
}

#[tokio::test]
async fn answers_with_and_without_the_prefix() {
    for path in [PATH, "/api/v2/auth/otp/request"] {
        let reply = Call::new("POST", &format!("{path}?number=5511988887777")).send(&router().await).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.body, json!({"success": true, "message": "Certo.", "description": "5511988887777"}));
        assert_eq!(reply.header("x-request-id"), "request-1");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_it_is_and_where_it_comes_from() {
    for query in ["number=5511988887777", "number=1", "do=fail", "do=panic"] {
        let reply = Call::new("POST", &format!("{PATH}?{query}")).send(&router().await).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("strict-transport-security", "max-age=63072000"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(reply.header(name), value, "{query}: {name}");
        }
    }
}

#[tokio::test]
async fn errors_have_one_shape() {
    for (method, path, status, code) in [
        ("POST", PATH, 400, "MISSING_PARAMETER"),
        ("POST", "/v2/auth/otp/request?number=1", 422, "INVALID_PHONE"),
        ("POST", "/v2/auth/otp/request?number=5511988887777&number=5511988887778", 400, "MALFORMED_QUERY"),
        ("POST", "/v2/auth/otp/request?number=%ff%fe", 422, "INVALID_PHONE"),
        ("GET", "/nowhere", 404, "ROUTE_NOT_FOUND"),
        ("GET", "/api/v2/auth/otp/request", 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", "/v2/numbers", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v2/users/login", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/v2/auth/otp/request?do=panic", 500, "INTERNAL"),
        ("POST", "/v2/auth/otp/request?do=fail", 503, "UNAVAILABLE"),
    ] {
        let reply = Call::new(method, path).send(&router().await).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{method} {path}");
        assert_eq!(reply.body["success"], false);
        assert_eq!(reply.body["request_id"], "request-1");
        assert!(reply.body["message"].is_string() && reply.body["description"].is_string());
        assert!(!reply.text.contains("secret"));
    }
    let reply = Call::new("PATCH", "/v2/numbers").send(&router().await).await;
    assert_eq!(reply.header("allow"), "GET, POST, PUT, DELETE");
}

#[tokio::test]
async fn a_body_too_large_is_413() {
    let body = json!({"number": "x".repeat(1 << 20)});
    let reply = Call::new("POST", "/v2/auth/otp/request?do=body").json(body).send(&router().await).await;
    assert_eq!((reply.status, reply.code()), (413, Code::PayloadTooLarge.as_str()));
}

#[tokio::test]
async fn a_base64_body_of_any_content_type_is_read() {
    let mut event =
        Call::new("POST", "/v2/auth/otp/request?do=body").header("content-type", "text/plain").event();
    event["body"] = json!("eyJudW1iZXIiOiI1NTExOTg4ODg3Nzc3In0=");
    event["isBase64Encoded"] = json!(true);
    let reply = send_event(&router().await, event).await;
    assert_eq!(reply.body["description"], "5511988887777");
}

#[tokio::test]
async fn cors_is_left_to_the_gateway() {
    for method in ["OPTIONS", "POST"] {
        let reply =
            Call::new(method, PATH).header("origin", "https://app.example.com").send(&router().await).await;
        assert_eq!(
            reply.header("access-control-allow-origin"),
            "",
            "two of them and the browser refuses both"
        );
    }
}

#[tokio::test]
async fn a_function_must_serve_its_routes() {
    let gate = gate().await;
    let none = Api::<()>::new(Function::Auth).behind(gate.clone(), ()).unwrap_err().to_string();
    assert!(none.contains("POST /v2/auth/otp/request is not served"), "{none}");
    let foreign = Api::<()>::new(Function::Auth).route(Method::GET, PATH, answer);
    let foreign = foreign.behind(gate, ()).unwrap_err().to_string();
    assert!(foreign.contains("GET /v2/auth/otp/request is not in it"), "{foreign}");
}

proptest! {
    #[test]
    fn nothing_that_a_client_sends_is_a_5xx(
        method in "GET|POST|DELETE|[A-Z]{1,12}",
        path in "(/v2/auth/otp/request|/api/v2/sends/|/)?.{0,20}",
        query in ".{0,30}",
        header in ".{0,20}",
        host in ".{0,20}",
        body in prop::option::of(".{0,40}"),
    ) {
        let mut event = Call::new(&method, "/").header("token", &header).header("host", &host)
            .header("x-forwarded-proto", &host).header(&header, &host).event();
        event["rawPath"] = json!(path);
        event["rawQueryString"] = json!(query);
        event["requestContext"]["domainName"] = json!(host);
        event["body"] = json!(body);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let reply = runtime.block_on(async { send_event(&router().await, event).await });
        prop_assert!((200..500).contains(&reply.status) || query.contains("do="), "{} {}", reply.status, reply.text);
    }
}
