//! `POST /v2/sends/bulk`.

use super::{Function, body};
use crate::body::MAX_BODY_BYTES;
use carteiro_http::testing::Call;
use serde_json::{Value, json};

fn with(field: &str, value: Value) -> Value {
    let mut body = body(2);
    body[field] = value;
    body
}

#[tokio::test]
async fn is_accepted_and_answered_at_once() {
    let function = Function::new().await;
    let reply = function.start(body(2), "campanha-7").await;
    let id = reply.body["description"]["operation_id"].as_str().unwrap().to_owned();
    assert_eq!(
        reply.body,
        json!({
            "success": true,
            "message": "Envio em massa aceito. Consulte status_url.",
            "description": {
                "operation_id": id, "status": "na fila", "waiting": null, "error_code": null, "reason": null,
                "from_number": "5511999999999", "total": 2, "made": 0, "counts": null,
                "date_time_queue": "14/11/2023, 19:13:20", "date_time_begin": "14/11/2023, 19:13:20",
                "date_time_expires": "14/12/2023, 19:13:20", "date_time_end": null,
                "status_url": format!("/v2/sends/bulk/{id}")
            }
        })
    );
    assert_eq!(reply.status, 202);
    let again = function.start(body(2), "campanha-7").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(again.body["description"]["operation_id"], id);
    let other = function.start(body(3), "campanha-7").await;
    assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_MISMATCH"));
}

#[tokio::test]
async fn bad_rows_are_named_and_nothing_is_sent() {
    let function = Function::new().await;
    let mut bad = body(3);
    bad["recipients"][1]["to_number"] = json!("123");
    bad["recipients"][2]["variables"] = json!({});
    let reply = function.start(bad, "a").await;
    assert_eq!((reply.status, reply.code()), (422, "INVALID_RECIPIENTS"));
    let errors = reply.body["errors"].as_array().unwrap();
    let named: Vec<_> =
        errors.iter().map(|e| (e["index"].as_u64().unwrap(), e["code"].as_str().unwrap())).collect();
    assert_eq!(named, [(1, "INVALID_PHONE"), (2, "MISSING_VARIABLE")]);
    assert!(errors[1]["description"].as_str().unwrap().contains("nome"));
    assert!(reply.body["request_id"].is_string() && function.bulks.all().is_empty());
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let function = Function::new().await;
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (with("content", json!(null)), 400, "MISSING_PARAMETER"),
        (with("content", json!("{{")), 422, "INVALID_CONTENT"),
        (with("media_type", json!("image")), 422, "INVALID_MEDIA_TYPE"),
        (with("recipients", json!([])), 422, "INVALID_RECIPIENTS"),
        (with("send_at", json!("amanhã")), 422, "INVALID_SEND_AT"),
        (with("send_at", json!("2020-01-01T00:00:00Z")), 422, "INVALID_SEND_AT"),
        (with("expires_at", json!("2030-01-01T00:00:00Z")), 422, "INVALID_EXPIRES_AT"),
        (with("from_number", json!("5511900000000")), 403, "NOT_YOUR_WORKER"),
        (body(10_001), 422, "TOO_MANY_RECIPIENTS"),
    ] {
        let reply = function.start(body, "a").await;
        assert_eq!((reply.status, reply.code()), (status, code), "{}", reply.text);
    }
    let call = || Call::new("POST", "/api/v2/sends/bulk").json(body(1));
    assert_eq!(function.call(call()).await.code(), "MISSING_PARAMETER", "a key is needed");
    assert_eq!(function.call(call().header("idempotency-key", "é")).await.code(), "INVALID_IDEMPOTENCY_KEY");
    assert_eq!(
        function
            .call(Call::new("POST", "/v2/sends/bulk").header("idempotency-key", "a").raw("{"))
            .await
            .status,
        400
    );
    assert_eq!(call().send(&function.handler.router).await.status, 401);
    assert!(function.bulks.all().is_empty());
}

#[tokio::test]
async fn ten_thousand_recipients_fit_into_a_request_and_into_lambda() {
    let function = Function::new().await;
    let mut most = body(10_000);
    for row in most["recipients"].as_array_mut().unwrap() {
        row["variables"]["endereco"] = json!("Avenida Paulista, 1578 - Bela Vista \"fundos\"".repeat(7));
    }
    most["content"] = json!("Olá, {{nome}}! {{endereco}}");
    let bytes = most.to_string().len();
    assert!(MAX_BODY_BYTES * 8 / 10 < bytes && bytes < MAX_BODY_BYTES, "{bytes}");
    let event = Call::new("POST", "/v2/sends/bulk").json(most.clone()).event().to_string().len();
    assert!(event < 6 << 20, "Lambda takes 6 MB: {event}");
    let reply = function.start(most, "a").await;
    assert_eq!((reply.status, &reply.body["description"]["total"]), (202, &json!(10_000)), "{}", reply.text);

    let large = json!({ "content": "x".repeat(MAX_BODY_BYTES) });
    let reply = function.start(large, "b").await;
    assert_eq!((reply.status, reply.code()), (413, "PAYLOAD_TOO_LARGE"));
}
