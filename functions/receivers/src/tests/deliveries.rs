//! Deliveries, as a client sees them.

use super::*;

impl World {
    async fn list(&self, query: &str) -> Value {
        let reply = self.ask("GET", &format!("/deliveries{query}"), json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(!reply.text.contains("segredo"), "{}", reply.text);
        reply.body["description"].clone()
    }
}

#[tokio::test]
async fn each_try_can_be_read_and_no_text() {
    let w = World::new().await;
    w.webhook().await;
    w.postman.taking(SignedDuration::from_millis(250));
    w.postman.answering(|_| Ok(FakePostman::status(500)));
    w.publish(1).await;
    w.deliver().await;
    w.postman.answering(|_| Ok(FakePostman::status(204)));
    w.clock.advance(SignedDuration::from_secs(10));
    w.deliver().await;
    let items = w.list("").await["items"].clone();
    let item = &items[0];
    assert_eq!(items.as_array().unwrap().len(), 1);
    assert_eq!((&item["event_id"], &item["status"]), (&json!(event_id(1).to_string()), &json!("entregue")));
    assert_eq!((&item["tipo"], &item["sessao"]), (&json!("recebendoMensagem"), &json!("5511999999999")));
    assert_eq!(
        item["tries"],
        json!([
            { "at": "2023-11-14T22:13:20Z", "status": 500, "error_code": null, "duration_ms": 250 },
            { "at": "2023-11-14T22:13:30.25Z", "status": 204, "error_code": null, "duration_ms": 250 },
        ])
    );
    assert_eq!(item["expires_at"], "2023-11-21T22:13:20Z");
    let bias = w.ask_as(1, "GET", "/deliveries", json!({})).await;
    assert_eq!(bias.body["description"], json!({ "items": [], "next_cursor": null }));
}

#[tokio::test]
async fn pages_go_on_by_their_cursor() {
    let w = World::new().await;
    w.webhook().await;
    for n in 1..=7 {
        w.publish(n).await;
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = w.list(&query).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["event_id"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=3&cursor={next}");
    }
    assert_eq!(seen, (1..=7).rev().map(|n| json!(event_id(n).to_string())).collect::<Vec<_>>());
    assert_eq!(w.list("?status=falha").await["items"], json!([]));
    assert_eq!(w.list("?status=pendente").await["items"].as_array().unwrap().len(), 7);
    for (query, code) in [
        ("?status=x", "INVALID_DELIVERY_STATUS"),
        ("?cursor=x", "INVALID_CURSOR"),
        ("?limit=0", "INVALID_PARAMETER"),
        ("?limit=101", "INVALID_PARAMETER"),
        ("?limit=x", "INVALID_PARAMETER"),
    ] {
        let reply = w.ask("GET", &format!("/deliveries{query}"), json!({})).await;
        assert_eq!((reply.status, reply.code()), (422, code), "{query}");
    }
}

#[tokio::test]
async fn what_failed_is_redriven_once_the_webhook_is_back() {
    let w = World::new().await;
    w.webhook().await;
    w.dead(1).await;
    let shown = w.ask("GET", "", json!({})).await;
    let webhook = &shown.body["description"]["webhook"];
    assert_eq!((&webhook["status"], &webhook["stopped_reason"]), (&json!("parado"), &json!("GONE")));
    assert_eq!(webhook["stopped_at"], "2023-11-14T22:13:20Z");
    assert_eq!(w.list("?status=falha").await["items"][0]["error_code"], "RECEIVER_STOPPED");
    let one = format!("/deliveries/{}/redrive", event_id(1));
    for path in ["/deliveries/redrive", &one] {
        let reply = w.ask("POST", path, json!({})).await;
        assert_eq!((reply.status, reply.code()), (409, "WEBHOOK_STOPPED"), "{path}");
    }
    assert_eq!(w.ask("PUT", "", json!({ "url": URL })).await.status, 200);
    for (who, path) in [(1, one.as_str()), (0, "/deliveries/x/redrive")] {
        let reply = w.ask_as(who, "POST", path, json!({})).await;
        assert_eq!((reply.status, reply.code()), (404, "DELIVERY_NOT_FOUND"), "{path}");
    }
    let redriven = w.ask("POST", &one, json!({})).await;
    assert_eq!((redriven.status, &redriven.body["description"]["redriven"]), (202, &json!(1)));
    w.postman.take();
    w.deliver().await;
    assert_eq!(w.postman.take().len(), 1);
    assert_eq!(w.list("?status=entregue").await["items"].as_array().unwrap().len(), 1);
    let nothing = w.ask("POST", "/deliveries/redrive", json!({})).await;
    assert_eq!(nothing.body["description"], json!({ "redriven": 0, "more": false }));
}

#[tokio::test]
async fn all_that_failed_is_redriven() {
    let w = World::new().await;
    w.webhook().await;
    w.postman.answering(|_| Ok(FakePostman::status(410)));
    for n in 1..=3 {
        w.publish(n).await;
    }
    w.deliver().await;
    w.ask("PUT", "", json!({ "url": URL })).await;
    w.postman.answering(|_| Ok(FakePostman::status(200)));
    w.postman.take();
    let redriven = w.ask("POST", "/deliveries/redrive", json!({})).await;
    assert_eq!(redriven.body["description"], json!({ "redriven": 3, "more": false }), "{}", redriven.text);
    w.deliver().await;
    let ids: Vec<String> = w.postman.take().iter().map(|letter| letter.headers[0].1.clone()).collect();
    assert_eq!(ids, [1, 2, 3].map(|n| event_id(n).to_string()));
}
