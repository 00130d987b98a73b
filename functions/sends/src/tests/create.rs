//! `POST /v2/sends`.

use super::{Function, body, token, with};
use carteiro_core::send::Status;
use carteiro_http::testing::Call;
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

const PATH: &str = "/v2/sends";

#[tokio::test]
async fn takes_a_text() {
    let function = Function::new().await;
    let (id, reply) = function.a_send().await;
    assert_eq!(
        reply.body,
        json!({
            "success": true,
            "message": "Mensagem adicionada à fila de envio.",
            "description": {
                "send_id": id.to_string(), "status": "na fila", "from_number": "5511999999999",
                "to_number": "5511888888888", "media_type": "text", "date_time_queue": "14/11/2023, 19:13:20"
            }
        })
    );
    let send = function.sends.peek(id).unwrap();
    assert_eq!((send.content.summary(), send.status), ("Olá, mundo!", Status::Queued));
    assert_eq!(function.queue.pushed()[0].accepted.send_id, id);
    assert_eq!(function.sends.writes(), 1);
}

#[tokio::test]
async fn takes_each_kind_of_credential_under_both_paths() {
    let function = Function::new().await;
    let bearer = format!("Bearer {}", function.jwt);
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("token", function.jwt.as_str()),
        ("token", token(1).as_str()),
        ("api-token", token(1).as_str()),
    ] {
        for path in [PATH, "/api/v2/sends"] {
            let reply = Call::new("POST", path).header(name, value).json(body()).send(&function.router).await;
            assert_eq!(reply.status, 201, "{name} {path}");
        }
    }
}

#[tokio::test]
async fn refuses_a_request_without_a_good_credential_whatever_else_is_wrong() {
    let function = Function::new().await;
    for path in [PATH, "/v2/upload/sends", "/v2/uploads"] {
        for call in [
            Call::new("POST", path).json(body()),
            Call::new("POST", path).header("token", &token(9)).json(body()),
            Call::new("POST", path).header("authorization", "Bearer x.y.z").raw("{"),
            Call::new("POST", path).raw("nothing"),
        ] {
            let reply = call.send(&function.router).await;
            assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"), "{path}");
        }
    }
}

#[tokio::test]
async fn refuses_what_the_contract_refuses() {
    let function = Function::new().await;
    let image = |url| {
        let mut body = with("media_type", json!("image"));
        body["media_url"] = url;
        body
    };
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (with("from_number", json!(null)), 400, "MISSING_PARAMETER"),
        (with("to_number", json!(null)), 400, "MISSING_PARAMETER"),
        (with("media_type", json!(null)), 400, "MISSING_PARAMETER"),
        (with("content", json!(null)), 400, "MISSING_PARAMETER"),
        (image(json!(null)), 400, "MISSING_PARAMETER"),
        (json!([body()]), 400, "MALFORMED_BODY"),
        (json!("texto"), 400, "MALFORMED_BODY"),
        (with("from_number", json!("12")), 422, "INVALID_PHONE"),
        (with("to_number", json!("120363000000000000@g.us")), 422, "INVALID_PHONE"),
        (with("to_number", json!(5_511_888_888_888_u64)), 422, "INVALID_PHONE"),
        (with("media_type", json!("sticker")), 422, "INVALID_MEDIA_TYPE"),
        (with("content", json!("")), 422, "INVALID_CONTENT"),
        (with("content", json!("é".repeat(65_537))), 422, "INVALID_CONTENT"),
        (image(json!("http://exemplo.com/a.jpg")), 422, "INVALID_MEDIA_URL"),
        (image(json!("https://eu:senha@exemplo.com/a.jpg")), 422, "INVALID_MEDIA_URL"),
        (with("from_number", json!("5511900000000")), 403, "NOT_YOUR_WORKER"),
        (with("content", json!("x".repeat(1 << 20))), 413, "PAYLOAD_TOO_LARGE"),
    ] {
        let reply = function.call(Call::new("POST", PATH).json(body)).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{}", reply.text);
        assert_eq!(reply.body["success"], false);
        assert!(reply.body["request_id"].is_string());
    }
    let reply = function.call(Call::new("POST", PATH).raw("{\"from_number\":")).await;
    assert_eq!((reply.status, reply.code()), (400, "MALFORMED_BODY"));
    assert!(function.sends.all().is_empty() && function.queue.pushed().is_empty());
}

#[tokio::test]
async fn another_tenants_worker_is_refused() {
    let function = Function::new().await;
    function.a_send().await;
    let reply = Call::new("POST", PATH).header("token", &token(2)).json(body()).send(&function.router).await;
    assert_eq!((reply.status, reply.code()), (403, "NOT_YOUR_WORKER"));
}

#[tokio::test]
async fn the_longest_text_is_taken_even_in_escapes() {
    let function = Function::new().await;
    let text = format!(
        r#"{}"content":"{}"}}"#,
        r#"{"from_number":"5511999999999","to_number":"5511888888888","media_type":"text","#,
        "\\ud83d\\ude00".repeat(65_536)
    );
    let reply = function.call(Call::new("POST", PATH).raw(&text)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

#[tokio::test]
async fn a_repeated_request_under_a_key_has_the_first_answer() {
    let function = Function::new().await;
    let call = |body| Call::new("POST", PATH).header("idempotency-key", "pedido-1").json(body);
    let first = function.call(call(body())).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    function.clock.advance(SignedDuration::from_hours(23));
    let again = function.call(call(with("from_number", json!("+55 (11) 99999-9999")))).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.body, first.body);
    let other = function.call(call(with("content", json!("outro")))).await;
    assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_MISMATCH"));
    assert_eq!((function.sends.all().len(), function.queue.pushed().len()), (1, 1));
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let function = Function::new().await;
    for key in ["", "duas palavras", "diário", "x\ty", &"k".repeat(256)] {
        let reply = function.call(Call::new("POST", PATH).header("idempotency-key", key).json(body())).await;
        assert_eq!((reply.status, reply.code()), (422, "INVALID_IDEMPOTENCY_KEY"), "{key:?}");
    }
    assert!(function.sends.all().is_empty());
}

#[tokio::test]
async fn an_outage_is_told() {
    let function = Function::new().await;
    function.queue.switch.fail();
    let ask = || Call::new("POST", PATH).header("idempotency-key", "pedido-1").json(body());
    let reply = function.call(ask()).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"), "it has no place in the line");
    function.queue.switch.recover();
    let reply = function.call(ask()).await;
    assert_eq!((reply.status, function.queue.pushed().len()), (201, 1), "{}", reply.text);
    function.sends.switch.fail();
    let reply = function.call(Call::new("POST", PATH).json(body())).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    assert!(!reply.text.contains("switched off"), "the cause is for the log");
    let fresh = Function::new().await;
    fresh.accounts.switch.fail();
    let reply = fresh.call(Call::new("POST", PATH).json(body())).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_body_is_a_5xx_or_half_written(
        from in "5511999999999|.{0,20}", to in "[0-9]{10,15}|.{0,20}",
        media in "text|image|.{0,9}", content in ".{0,20}", key in ".{0,20}",
    ) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let function = Function::new().await;
            let body = json!({ "from_number": from, "to_number": to, "media_type": media, "content": content });
            let reply = function.call(Call::new("POST", PATH).header("idempotency-key", &key).json(body)).await;
            assert!(reply.status < 500, "{}", reply.text);
            assert_eq!(function.sends.all().len(), usize::from(reply.status == 201));
        });
    }
}
