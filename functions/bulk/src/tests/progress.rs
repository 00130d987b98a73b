//! What follows a bulk send: its progress, its rows, pausing, resuming, cancelling.

use super::{Function, token};
use carteiro_http::testing::{Call, Reply};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn tells_how_far_it_is_and_what_became_of_each() {
    let function = Function::new().await;
    let id = function.an_operation(120).await;
    function.take_turns().await;
    for prefix in ["", "/api"] {
        let reply = function.call(Call::new("GET", &format!("{prefix}/v2/sends/bulk/{id}"))).await;
        let told = &reply.body["description"];
        assert_eq!((reply.status, &told["status"], &told["made"]), (200, &json!("processando"), &json!(100)));
        assert_eq!((&told["counts"]["na fila"], &told["counts"]["pendente"]), (&json!(100), &json!(20)));
    }
    let path = format!("/v2/sends/bulk/{id}/sends");
    let first = function.call(Call::new("GET", &path)).await;
    assert_eq!(first.body["description"].as_array().unwrap().len(), 100);
    assert_eq!(first.body["description"][7]["message"], "Olá, Nome 7!");
    assert!(first.body["description"][7]["send_id"].is_string());
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let last = function.call(Call::new("GET", &format!("{path}?cursor={cursor}&limit=500"))).await;
    assert_eq!(last.body["next_cursor"], json!(null));
    let rows = last.body["description"].as_array().unwrap();
    assert_eq!(rows.len(), 20);
    assert_eq!(rows[0], json!({ "index": 100, "status": "pendente", "error_code": null }));
    for (query, code) in [
        ("cursor=x", "INVALID_CURSOR"),
        ("cursor=-1", "INVALID_CURSOR"),
        ("limit=0", "INVALID_PARAMETER"),
        ("limit=501", "INVALID_PARAMETER"),
        ("limit=1&limit=2", "MALFORMED_QUERY"),
    ] {
        assert_eq!(function.call(Call::new("GET", &format!("{path}?{query}"))).await.code(), code, "{query}");
    }
}

#[tokio::test]
async fn operations_are_listed_the_latest_first() {
    let function = Function::new().await;
    let mut made = Vec::new();
    for count in 1..=3 {
        let reply = function.start(super::body(count), &format!("campanha-{count}")).await;
        made.insert(0, reply.body["description"]["operation_id"].clone());
        function.clock.advance(SignedDuration::from_secs(1));
    }
    let list =
        async |query: &str| function.call(Call::new("GET", &format!("/api/v2/sends/bulk{query}"))).await;
    let ids = |reply: &Reply| {
        let bulks = reply.body["description"].as_array().unwrap();
        bulks.iter().map(|bulk| bulk["operation_id"].clone()).collect::<Vec<_>>()
    };
    let all = list("").await;
    assert_eq!((all.status, ids(&all), &all.body["next_cursor"]), (200, made.clone(), &json!(null)));
    let first = &all.body["description"][2];
    assert_eq!(
        (&first["total"], &first["status"], &first["counts"]),
        (&json!(1), &json!("na fila"), &json!(null))
    );
    let page = list("?limit=2").await;
    assert_eq!(ids(&page), made[..2]);
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = list(&format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((ids(&rest), &rest.body["next_cursor"]), (made[2..].to_vec(), &json!(null)));
    for (query, code) in [
        ("?cursor=x", "INVALID_CURSOR"),
        ("?limit=0", "INVALID_PARAMETER"),
        ("?limit=101", "INVALID_PARAMETER"),
    ] {
        assert_eq!(list(query).await.code(), code, "{query}");
    }
    let other = Call::new("GET", "/v2/sends/bulk").header("token", &token(2));
    assert_eq!(ids(&other.send(&function.handler.router).await), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn is_paused_resumed_and_cancelled() {
    let function = Function::new().await;
    let id = function.an_operation(120).await;
    let wish =
        async |wish: &str| function.call(Call::new("POST", &format!("/v2/sends/bulk/{id}/{wish}"))).await;
    let paused = wish("pause").await;
    assert_eq!((paused.status, &paused.body["description"]["status"]), (200, &json!("pausado")));
    function.take_turns().await;
    assert!(function.sends.all().is_empty());
    let resumed = wish("resume").await;
    assert_eq!((resumed.status, &resumed.body["description"]["status"]), (200, &json!("processando")));
    function.take_turns().await;
    assert_eq!(function.sends.all().len(), 100);
    let cancelled = wish("cancel").await;
    assert_eq!((cancelled.status, &cancelled.body["description"]["status"]), (202, &json!("cancelando")));
    function.take_turns().await;
    assert!(function.sends.all().iter().all(|send| send.status.as_str() == "cancelado"));
    for again in ["pause", "resume"] {
        let reply = wish(again).await;
        assert_eq!((reply.status, reply.code()), (409, "BULK_IS_OVER"));
        assert!(reply.body["description"].as_str().unwrap().contains("cancelado"));
    }
}

#[tokio::test]
async fn another_tenants_operation_and_what_is_no_id_are_not_found() {
    let function = Function::new().await;
    let id = function.an_operation(2).await.to_string();
    for id in [id.as_str(), "00000000-0000-4000-8000-000000000000", "x", "%ff"] {
        for (method, rest) in
            [("GET", ""), ("GET", "/sends"), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/cancel")]
        {
            let call = Call::new(method, &format!("/v2/sends/bulk/{id}{rest}")).header("token", &token(2));
            let reply = call.send(&function.handler.router).await;
            assert_eq!((reply.status, reply.code()), (404, "BULK_NOT_FOUND"), "{method} {id}{rest}");
        }
    }
    let reply = Call::new("GET", &format!("/v2/sends/bulk/{id}")).send(&function.handler.router).await;
    assert_eq!(reply.status, 401);
}
