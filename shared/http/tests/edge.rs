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
use carteiro_http::routes::Function;
use carteiro_http::testing::{Call, send_event};
use carteiro_http::{Answer, Api, ApiError, JsonBody, QueryFields};
use proptest::prelude::*;
use serde_json::json;

const PATH: &str = "/v2/reports/sends";

async fn answer(State(()): State<()>, query: QueryFields, body: JsonBody) -> Result<Answer, ApiError> {
    match query.optional::<String>("do")?.as_deref() {
        Some("panic") => panic!("a secret"),
        Some("fail") => Err(Unavailable { operation: "dynamodb".into(), reason: "a secret".into() }.into()),
        Some("body") => {
            Ok(Answer::ok("Certo.").description(body.required::<Phone>("number")?.digits().to_owned()))
        }
        _ => Ok(Answer::ok("Certo.").description(query.required::<Phone>("number")?.digits().to_owned())),
    }
}

fn router() -> Router {
    let api = Api::new(Function::Reports).route(Method::GET, PATH, answer);
    api.build(()).unwrap()
}

#[tokio::test]
async fn answers_with_and_without_the_prefix() {
    for path in [PATH, "/api/v2/reports/sends"] {
        let reply = Call::new("GET", &format!("{path}?number=5511988887777")).send(&router()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.body, json!({"success": true, "message": "Certo.", "description": "5511988887777"}));
        assert_eq!(reply.header("x-request-id"), "request-1");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn errors_have_one_shape() {
    for (method, path, status, code) in [
        ("GET", PATH, 400, "MISSING_PARAMETER"),
        ("GET", "/v2/reports/sends?number=1", 422, "INVALID_PHONE"),
        ("GET", "/v2/reports/sends?number=5511988887777&number=5511988887778", 400, "MALFORMED_QUERY"),
        ("GET", "/v2/reports/sends?number=%ff%fe", 422, "INVALID_PHONE"),
        ("GET", "/nowhere", 404, "ROUTE_NOT_FOUND"),
        ("POST", "/api/v2/reports/sends", 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", "/v2/numbers", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v2/users/login", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v2/reports/sends?do=panic", 500, "INTERNAL"),
        ("GET", "/v2/reports/sends?do=fail", 503, "UNAVAILABLE"),
    ] {
        let reply = Call::new(method, path).send(&router()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{method} {path}");
        assert_eq!(reply.body["success"], false);
        assert_eq!(reply.body["request_id"], "request-1");
        assert!(reply.body["message"].is_string() && reply.body["description"].is_string());
        assert!(!reply.text.contains("secret"));
    }
    let reply = Call::new("PATCH", "/v2/numbers").send(&router()).await;
    assert_eq!(reply.header("allow"), "GET, POST, PUT, DELETE");
}

#[tokio::test]
async fn a_body_too_large_is_413() {
    let body = json!({"number": "x".repeat(1 << 20)});
    let reply = Call::new("GET", "/v2/reports/sends?do=body").json(body).send(&router()).await;
    assert_eq!((reply.status, reply.code()), (413, Code::PayloadTooLarge.as_str()));
}

#[tokio::test]
async fn a_base64_body_of_any_content_type_is_read() {
    let mut event =
        Call::new("GET", "/v2/reports/sends?do=body").header("content-type", "text/plain").event();
    event["body"] = json!("eyJudW1iZXIiOiI1NTExOTg4ODg3Nzc3In0=");
    event["isBase64Encoded"] = json!(true);
    let reply = send_event(&router(), event).await;
    assert_eq!(reply.body["description"], "5511988887777");
}

#[tokio::test]
async fn cors_is_left_to_the_gateway() {
    for method in ["OPTIONS", "GET"] {
        let reply = Call::new(method, PATH).header("origin", "https://app.example.com").send(&router()).await;
        assert_eq!(
            reply.header("access-control-allow-origin"),
            "",
            "two of them and the browser refuses both"
        );
    }
}

#[test]
fn a_function_must_serve_its_routes() {
    let none = Api::<()>::new(Function::Reports).build(());
    assert!(none.unwrap_err().to_string().contains("GET /v2/reports/sends is not served"));
    let foreign = Api::<()>::new(Function::Auth).route(Method::GET, PATH, answer);
    assert!(foreign.build(()).is_err());
}

proptest! {
    #[test]
    fn nothing_that_a_client_sends_is_a_5xx(
        method in "GET|POST|DELETE|[A-Z]{1,12}",
        path in "(/v2/reports/sends|/api/v2/sends/|/)?.{0,20}",
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
        let reply = runtime.block_on(send_event(&router(), event));
        prop_assert!((200..500).contains(&reply.status) || query.contains("do="), "{} {}", reply.status, reply.text);
    }
}
