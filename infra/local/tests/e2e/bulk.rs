//! Bulk sends: one text to many, and what a tenant may do meanwhile.

use crate::tenant::Tenant;
use crate::until::until_seen;
use crate::world::World;
use carteiro_core::shard::{Shard, ShardCount};
use carteiro_local::Answer;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const WORKER: &str = "5511988880031";
const CONTACTS: [&str; 4] = ["5511977770031", "5511977770032", "5511977770033", "5511977770034"];

/// A request to that many rows, one contact after another.
fn body(count: usize) -> Value {
    let row = |n: usize| json!({ "to_number": CONTACTS[n % CONTACTS.len()], "variables": { "nome": "Ana", "pedido": n } });
    json!({
        "from_number": WORKER, "media_type": "text", "content": "Olá, {{nome}}! Pedido {{pedido}}.",
        "recipients": (0..count).map(row).collect::<Vec<_>>(),
    })
}

async fn start(world: &World, tenant: &Tenant<'_>, body: &Value, key: &str) -> Answer {
    let headers = [("token", tenant.token.as_str()), ("Idempotency-Key", key)];
    world.call("POST", "/v2/sends/bulk", &headers, Some(body)).await
}

/// Waits until the operation is as it should be.
async fn until_so(tenant: &Tenant<'_>, path: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    until_seen(what, async || {
        let answer = tenant.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let operation = answer.json()["description"].clone();
        if is_so(&operation) { Ok(operation) } else { Err(operation) }
    })
    .await
}

#[tokio::test]
async fn a_campaign_reaches_everybody_once_and_in_order() {
    let world = World::start().await;
    let tenant = world.tenant("dora@exemplo.com.br", "5511999990031").await;
    let mut contacts = Vec::new();
    for number in CONTACTS {
        contacts.push(world.contact(number).await);
    }
    tenant.pair(WORKER).await;

    let mut bad = body(3);
    bad["recipients"][1]["to_number"] = json!("123");
    let refused = start(&world, &tenant, &bad, "campanha").await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["index"], 1);

    // More than may wait at a time.
    const ROWS: usize = 140;
    let accepted = start(&world, &tenant, &body(ROWS), "campanha").await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let path = accepted.json()["description"]["status_url"].as_str().unwrap().to_owned();
    let again = start(&world, &tenant, &body(ROWS), "campanha").await;
    assert_eq!(again.json()["description"]["operation_id"], accepted.json()["description"]["operation_id"]);
    assert_eq!(start(&world, &tenant, &body(2), "campanha").await.status, 422);

    for (place, contact) in contacts.iter().enumerate() {
        let expected: Vec<String> =
            (place..ROWS).step_by(CONTACTS.len()).map(|n| format!("Olá, Ana! Pedido {n}.")).collect();
        assert_eq!(contact.texts(expected.len()).await, expected);
    }
    let done =
        until_so(&tenant, &path, "the operation is done", |operation| operation["status"] == "pronto").await;
    assert_eq!((done["made"].as_u64(), done["error_code"].is_null()), (Some(ROWS as u64), true), "{done}");
    let all = until_so(&tenant, &path, "all are delivered", |told| told["counts"]["entregue"] == ROWS).await;
    assert_eq!(all["counts"]["pendente"], 0);
    let rows = tenant.get(&format!("{path}/sends?cursor=100")).await.json();
    assert_eq!(rows["description"].as_array().unwrap().len(), ROWS - 100);
    assert_eq!(rows["description"][0]["message"], "Olá, Ana! Pedido 100.");
    assert_eq!(tenant.report(WORKER).await.len(), ROWS);

    let listed = tenant.get("/v2/sends/bulk").await.json();
    assert_eq!(listed["description"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(
        (&listed["description"][0]["operation_id"], &listed["next_cursor"]),
        (&done["operation_id"], &Value::Null)
    );

    let stranger = world.tenant("eva@exemplo.com.br", "5511999990032").await;
    assert_eq!(stranger.get(&path).await.status, 404);
    assert_eq!(stranger.get("/v2/sends/bulk").await.json()["description"], json!([]));
    world.stop().await;
}

#[tokio::test]
async fn a_campaign_that_is_cancelled_sends_nothing_more() {
    let world = World::start().await;
    let tenant = world.tenant("fabio@exemplo.com.br", "5511999990033").await;
    let mut contacts = Vec::new();
    for number in CONTACTS {
        contacts.push(world.contact(number).await);
    }
    // It is not connected yet, so that all of it waits.
    let add = json!({"number": WORKER, "role": "worker"});
    assert!(tenant.call("POST", "/v2/numbers/add", &add).await.status < 300);
    let accepted = start(&world, &tenant, &body(150), "campanha").await;
    let path = accepted.json()["description"]["status_url"].as_str().unwrap().to_owned();
    until_so(&tenant, &path, "some wait", |told| told["made"].as_u64() >= Some(10)).await;

    let paused = tenant.call("POST", &format!("{path}/pause"), &json!({})).await;
    assert_eq!((paused.status, paused.json()["description"]["status"].as_str()), (200, Some("pausado")));
    let resumed = tenant.call("POST", &format!("{path}/resume"), &json!({})).await;
    assert_eq!(resumed.status, 200, "{}", resumed.text());
    let cancelled = tenant.call("POST", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!(cancelled.status, 202, "{}", cancelled.text());
    let over = until_so(&tenant, &path, "it is cancelled", |told| told["status"] == "cancelado").await;
    assert!(over["made"].as_u64() < Some(150), "not all were made: {over}");
    until_so(&tenant, &path, "all are cancelled", |told| told["counts"]["cancelado"] == 150).await;
    let again = tenant.call("POST", &format!("{path}/resume"), &json!({})).await;
    assert_eq!((again.status, again.json()["code"].as_str()), (409, Some("BULK_IS_OVER")));

    // What comes later shows that nothing of it is still on its way.
    tenant.pair(WORKER).await;
    for contact in &contacts {
        tenant.send(WORKER, &contact.number, "depois").await;
        assert_eq!(contact.texts(1).await, ["depois"]);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_campaign_of_one_number_holds_up_no_other() {
    const OTHER: &str = "5511988880084";
    /// The campaign's sends go out a minute apart, and some of them wait: nobody who waits behind them is that fast.
    const BOUND: Duration = Duration::from_secs(60);
    let shards = [WORKER, OTHER]
        .map(|number| Shard::of_new_number(&number.parse().unwrap(), ShardCount::new(16).unwrap()));
    assert_eq!(shards[0], shards[1], "they share a queue and a task");
    let world = World::start().await;
    let tenant = world.tenant("gil@exemplo.com.br", "5511999990034").await;
    let mut contacts = Vec::new();
    for number in CONTACTS {
        contacts.push(world.contact(number).await);
    }
    let contact = world.contact("5511977770035").await;
    // Slow before it connects, so that none goes out faster.
    let add = json!({"number": WORKER, "role": "worker"});
    assert!(tenant.call("POST", "/v2/numbers/add", &add).await.status < 300);
    let pace = json!({"number": WORKER, "per_minute": 1, "burst": 1, "jitter_ms": 0});
    let set = tenant.call("PUT", "/v2/numbers/pace", &pace).await;
    assert_eq!(set.status, 200, "{}", set.text());
    world.contact(WORKER).await;
    tenant.scan(WORKER).await;
    tenant.connected(WORKER).await;
    tenant.pair(OTHER).await;

    let accepted = start(&world, &tenant, &body(200), "campanha").await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let path = accepted.json()["description"]["status_url"].as_str().unwrap().to_owned();
    until_so(&tenant, &path, "some wait", |told| told["made"].as_u64() >= Some(4)).await;
    contacts[0].texts(1).await;
    let mut texts = Vec::new();
    for place in 0..10 {
        let asked = Instant::now();
        texts.push(format!("avulsa {place}"));
        let send = tenant.send(OTHER, &contact.number, &texts[place]).await;
        tenant.status(&send, "entregue").await;
        assert!(asked.elapsed() < BOUND, "{} took {:?}", texts[place], asked.elapsed());
    }
    assert_eq!(contact.texts(texts.len()).await, texts);
    let told = tenant.get(&path).await.json()["description"].clone();
    assert!(told["counts"]["pendente"].as_u64() > Some(0), "the campaign is over: {told}");

    let cancelled = tenant.call("POST", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!(cancelled.status, 202, "{}", cancelled.text());
    until_so(&tenant, &path, "it is cancelled", |told| told["status"] == "cancelado").await;
    world.stop().await;
}
