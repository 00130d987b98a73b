//! Sends for later, sends with an end of their own, and full lines.

use super::{Function, body, tenant, with};
use carteiro_core::ports::{Accounts, Sends};
use carteiro_core::send::{Status, Waiting};
use carteiro_http::testing::{Call, Reply};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn ask(function: &Function, body: Value) -> Reply {
    function.call(Call::new("POST", "/v2/sends").json(body)).await
}

#[tokio::test]
async fn a_send_for_later_is_stored_and_says_for_when() {
    let function = Function::new().await;
    // An hour from now, which is 19:13:20 in São Paulo.
    let reply = ask(&function, with("send_at", json!("2023-11-14T20:13:20-03:00"))).await;
    let description = &reply.body["description"];
    assert_eq!((reply.status, &description["status"]), (201, &json!("na fila")), "{}", reply.text);
    assert_eq!(
        (&description["waiting"], &description["date_time_scheduled"]),
        (&json!("SCHEDULED"), &json!("14/11/2023, 20:13:20"))
    );
    let id = description["send_id"].as_str().unwrap().to_owned();
    let shown = function.call(Call::new("GET", &format!("/v2/sends/{id}"))).await;
    let shown = &shown.body["description"];
    assert_eq!(
        (&shown["waiting"], &shown["date_time_scheduled"], &shown["date_time_expires"]),
        (&json!("SCHEDULED"), &json!("14/11/2023, 20:13:20"), &json!("15/11/2023, 20:13:20"))
    );
    assert!(function.queue.pushed().is_empty() && function.wakes.pushed().is_empty());

    let cancelled = function.call(Call::new("DELETE", &format!("/v2/sends/{id}"))).await;
    assert_eq!((cancelled.status, &cancelled.body["description"]["status"]), (200, &json!("cancelado")));
    assert_eq!(function.sends.peek(id.parse().unwrap()).unwrap().status, Status::Cancelled);
}

#[tokio::test]
async fn a_send_has_an_end_of_its_own() {
    let function = Function::new().await;
    let reply = ask(&function, with("expires_at", json!("2023-11-14T22:30:00Z"))).await;
    assert_eq!((reply.status, &reply.body["description"]["waiting"]), (201, &Value::Null));
    let id = reply.body["description"]["send_id"].as_str().unwrap().parse().unwrap();
    let send = function.sends.peek(id).unwrap();
    assert_eq!((send.expires_at.to_string().as_str(), send.waiting), ("2023-11-14T22:30:00Z", None));
    assert_eq!(function.queue.pushed().len(), 1);
}

#[tokio::test]
async fn a_file_and_a_send_of_the_first_version_have_times_too() {
    let function = Function::new().await;
    let at = json!("2023-11-15T10:00:00Z");
    let v1 = json!({ "from_number": "5511999999999", "to_number": "5511888888888", "message": "oi", "send_at": at });
    let reply = function.call(Call::new("POST", "/v1/send/text").json(v1)).await;
    assert_eq!((reply.status, &reply.body["description"]["waiting"]), (201, &json!("SCHEDULED")));

    let form = "--x\r\nContent-Disposition: form-data; name=\"send_at\"\r\n\r\n2023-11-15T10:00:00Z\r\n\
        --x\r\nContent-Disposition: form-data; name=\"from_number\"\r\n\r\n5511999999999\r\n\
        --x\r\nContent-Disposition: form-data; name=\"to_number\"\r\n\r\n5511888888888\r\n\
        --x\r\nContent-Disposition: form-data; name=\"media_type\"\r\n\r\ndocument\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nabc\r\n--x--\r\n";
    let call =
        Call::new("POST", "/v2/upload/sends").header("content-type", "multipart/form-data; boundary=x");
    let reply = function.call(call.raw(form)).await;
    assert_eq!(
        (reply.status, &reply.body["description"]["waiting"]),
        (201, &json!("SCHEDULED")),
        "{}",
        reply.text
    );
    let id = reply.body["description"]["send_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(function.queue.pushed()[0].accepted.send_id, id, "so that the upload is made ready");
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused() {
    let function = Function::new().await;
    for (field, value, code) in [
        ("send_at", json!("amanhã"), "INVALID_SEND_AT"),
        ("send_at", json!(1_700_000_000), "INVALID_SEND_AT"),
        ("send_at", json!("2023-11-14T20:13:20"), "INVALID_SEND_AT"),
        ("send_at", json!("2023-11-14T22:00:00Z"), "INVALID_SEND_AT"),
        ("send_at", json!("2024-02-20T00:00:00Z"), "INVALID_SEND_AT"),
        ("expires_at", json!("nunca"), "INVALID_EXPIRES_AT"),
        ("expires_at", json!("2023-11-14T22:13:20Z"), "INVALID_EXPIRES_AT"),
        ("expires_at", json!("2023-11-22T00:00:00Z"), "INVALID_EXPIRES_AT"),
    ] {
        let reply = ask(&function, with(field, value.clone())).await;
        assert_eq!((reply.status, reply.code()), (422, code), "{field} {value}");
        let description = reply.body["description"].as_str().unwrap();
        assert!(description.starts_with(&format!("{field}: ")), "{description}");
    }
    assert!(function.sends.all().is_empty());
}

#[tokio::test]
async fn a_full_line_is_429_until_one_leaves_it() {
    let function = Function::new().await;
    function.accounts.remove(&tenant(1, "premium")).await.unwrap();
    function.accounts.create(&tenant(1, "curto")).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(function.a_send().await.0);
    }
    let full = ask(&function, body()).await;
    assert_eq!((full.status, full.code()), (429, "BACKLOG_FULL"));
    assert_eq!(full.headers["retry-after"], "60");
    let send = function.sends.peek(ids[0]).unwrap();
    function.sends.park(&send, Waiting::NotConnected).await.unwrap();
    assert_eq!(ask(&function, body()).await.status, 429, "what is parked waits too");
    let cancelled = function.call(Call::new("DELETE", &format!("/v2/sends/{}", ids[0]))).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(ask(&function, body()).await.status, 201);
    function.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(ask(&function, body()).await.status, 429, "the time alone makes no room");
}
