//! Each route refuses what the contract refuses, in the error's shape, and nothing is half written.

use crate::world::World;
use carteiro_local::Answer;
use serde_json::{Value, json};

const WORKER: &str = "5511988880051";
const CONTACT: &str = "5511977770051";

fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.status, body["code"].as_str().unwrap_or_default()),
        (status, code),
        "{what}: {}",
        answer.text()
    );
    assert_eq!(body["success"], false, "{what}");
    for name in ["message", "description", "request_id"] {
        assert!(body[name].as_str().is_some_and(|text| !text.is_empty()), "{what}: {name} in {body}");
    }
}

#[tokio::test]
async fn each_route_refuses_what_the_contract_refuses() {
    let world = World::start().await;
    let tenant = world.tenant("ana.b@exemplo.com.br", "5511999990060").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());

    let protected = [
        ("GET", "/v2/numbers"),
        ("POST", "/v2/numbers"),
        ("PUT", "/v2/numbers"),
        ("DELETE", "/v2/numbers"),
        ("POST", "/v2/numbers/add"),
        ("GET", "/v2/numbers/status?number=5511988880051"),
        ("GET", "/v2/numbers/connect?number=5511988880051"),
        ("POST", "/v2/numbers/disconnect"),
        ("GET", "/v2/numbers/pace"),
        ("PUT", "/v2/numbers/pace"),
        ("POST", "/v2/sends"),
        ("GET", "/v2/sends/8b0c3f1e-3f63-4a39-9a42-0d6e3f1f4c11"),
        ("DELETE", "/v2/sends/8b0c3f1e-3f63-4a39-9a42-0d6e3f1f4c11"),
        ("GET", "/v2/reports/sends?from_number=5511988880051"),
    ];
    for (method, path) in protected {
        for headers in [&[][..], &[("token", "cart_errado")][..], &[("Authorization", "Bearer a.b.c")][..]] {
            assert_refused(
                &world.call(method, path, headers, None).await,
                401,
                "UNAUTHENTICATED",
                &format!("{method} {path}"),
            );
        }
    }

    let whole = json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "text", "content": "oi"});
    let with = |name: &str, value: Value| {
        let mut body = whole.clone();
        body[name] = value;
        body
    };
    let without = |name: &str| {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let cases = [
        ("POST", "/v2/sends", without("from_number"), 400, "MISSING_PARAMETER"),
        ("POST", "/v2/sends", without("to_number"), 400, "MISSING_PARAMETER"),
        ("POST", "/v2/sends", without("media_type"), 400, "MISSING_PARAMETER"),
        ("POST", "/v2/sends", without("content"), 400, "MISSING_PARAMETER"),
        ("POST", "/v2/sends", with("to_number", json!("abc")), 422, "INVALID_PHONE"),
        ("POST", "/v2/sends", with("from_number", json!("123")), 422, "INVALID_PHONE"),
        ("POST", "/v2/sends", with("media_type", json!("carrier-pigeon")), 422, "INVALID_MEDIA_TYPE"),
        ("POST", "/v2/sends", with("content", json!("x".repeat(70_000))), 422, "INVALID_CONTENT"),
        ("POST", "/v2/sends", json!([1, 2]), 400, "MALFORMED_BODY"),
        ("POST", "/v2/numbers/add", json!({"number": WORKER}), 400, "MISSING_PARAMETER"),
        ("POST", "/v2/numbers/add", json!({"number": WORKER, "role": "dono"}), 422, "INVALID_ROLE"),
        ("POST", "/v2/numbers", json!({"numbers_workers": ["551198888", "x"]}), 422, "INVALID_PHONE"),
        ("POST", "/v2/auth/otp/request", json!({"otp_for": "email"}), 400, "MISSING_PARAMETER"),
        ("POST", "/v2/auth/otp/request", json!({"otp_for": "email", "email": "x"}), 422, "INVALID_EMAIL"),
        ("POST", "/v2/users/login", json!({"login": "maria"}), 400, "MISSING_PARAMETER"),
    ];
    for (method, path, body, status, code) in &cases {
        assert_refused(
            &tenant.call(method, path, body).await,
            *status,
            code,
            &format!("{method} {path} {code}"),
        );
    }
    for (path, status, code) in [
        ("/v2/reports/sends", 400, "MISSING_PARAMETER"),
        ("/v2/reports/sends?from_number=5511988880051&init_time=31/02/2026", 422, "INVALID_DATE"),
        (
            "/v2/reports/sends?from_number=5511988880051&init_time=02/01/2026&end_time=01/01/2026",
            422,
            "INVALID_PERIOD",
        ),
        ("/v2/reports/sends?from_number=5511988880051&cursor=abc", 422, "INVALID_CURSOR"),
        ("/v2/sends/nada", 404, "SEND_NOT_FOUND"),
        ("/v2/numbers/status", 400, "MISSING_PARAMETER"),
        ("/v2/numbers/status?number=x", 422, "INVALID_PHONE"),
        ("/v2/nada", 404, "ROUTE_NOT_FOUND"),
    ] {
        assert_refused(&tenant.get(path).await, status, code, path);
    }
    assert!(tenant.report(WORKER).await.is_empty(), "nothing was written");
    let numbers = tenant.get("/v2/numbers").await.json();
    assert_eq!(numbers["description"]["workers"], json!([WORKER]), "nothing was half written");
    world.stop().await;
}

#[tokio::test]
async fn no_input_makes_a_server_error() {
    let world = World::start().await;
    let tenant = world.tenant("ana.c@exemplo.com.br", "5511999990061").await;
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"null",
        b"\"x\"",
        b"[]",
        b"{}",
        b"{\"from_number\": 1e400}",
        b"{\"from_number\": {\"a\": []}, \"to_number\": true, \"media_type\": null}",
        b"\xff\xfe\x00",
        b"{\"number\": \"\\u0000\", \"role\": \"\\ud800\"}",
        b"{\"login\": \"a\", \"login\": \"b\"}",
        b"<xml/>",
    ];
    let deep = [b"[".repeat(5_000), b"]".repeat(5_000)].concat();
    let routes = [
        ("POST", "/v2/auth/otp/request"),
        ("POST", "/v2/auth/otp/validate"),
        ("POST", "/v2/users/register"),
        ("POST", "/v2/users/login"),
        ("POST", "/v2/users/remove"),
        ("POST", "/v2/numbers"),
        ("PUT", "/v2/numbers"),
        ("DELETE", "/v2/numbers"),
        ("POST", "/v2/numbers/add"),
        ("POST", "/v2/numbers/disconnect"),
        ("POST", "/v2/sends"),
    ];
    let operator = world.operator_token().to_owned();
    for (method, path) in routes {
        for body in bodies.iter().copied().chain([deep.as_slice()]) {
            let headers = [
                ("token", tenant.token.as_str()),
                ("api-token", operator.as_str()),
                ("Content-Type", "application/json"),
            ];
            let answer = world
                .http
                .request(method, &format!("{}{path}", world.api_url()), &headers, body.to_vec())
                .await
                .unwrap();
            assert!(
                (400..500).contains(&answer.status),
                "{method} {path} with {:?}: {} {}",
                body,
                answer.status,
                answer.text()
            );
        }
    }
    for path in [
        "/v2/numbers/status?number=%ff",
        "/v2/numbers/status?number=1&number=2",
        "/v2/reports/sends?from_number=%00&limit=-1",
        "/v2/sends/%00",
        "/v2/reports/sends?from_number=5511988880051&limit=99999999999999999999",
    ] {
        let answer = tenant.get(path).await;
        assert!((400..500).contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
    }
    world.stop().await;
}
