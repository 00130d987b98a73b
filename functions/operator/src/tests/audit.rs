//! The audit trail.

use super::world;
use carteiro_core::ports::Accounts;
use carteiro_telemetry::testing::Lines;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

#[tokio::test]
async fn each_change_is_one_line_and_what_is_refused_none() {
    let lines = Lines::default();
    let writer = lines.clone();
    let logger = carteiro_telemetry::logger("operator", move || writer.clone());
    // Of one subscriber alone, tracing asks the thread that reaches a callsite first whether the callsite is on, and that may be
    // another test's thread, which has none. Of two it asks both.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(logger));
    let w = world().await;
    let ana = w.tenant(1).await;
    assert_eq!(w.put(&ana, json!({"plan": "premium", "time_zone": "America/Manaus"})).await.status, 200);
    assert_eq!(w.put(&ana, json!({"plan": "ouro"})).await.status, 422);
    assert_eq!(w.get(&format!("/users/{}", ana.id)).await.status, 200);
    drop(logging);
    let text = lines.text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let trail: Vec<&Value> = lines.iter().filter(|line| line["message"] == "audit").collect();
    assert_eq!(trail.len(), 1, "{text}");
    assert_eq!((&trail[0]["who"], &trail[0]["what"]), (&json!("operator"), &json!("user.change")));
    assert_eq!(trail[0]["tenant_id"], ana.id.to_string());
    assert_eq!(trail[0]["to"], "plan=premium time_zone=America/Manaus");
    let told: Vec<&Value> = lines.iter().filter(|line| line["message"] == "request").collect();
    assert!(told.iter().all(|line| line["tenant_id"] == ana.id.to_string()), "{text}");
    assert!(!text.contains(carteiro_http::testing::OPERATOR) && !text.contains("97777"), "{text}");
}

#[tokio::test]
async fn each_change_is_an_entry_that_the_operator_reads() {
    let w = world().await;
    let ana = w.tenant(1).await;
    for plan in ["premium", "basico", "premium"] {
        assert_eq!(w.put(&ana, json!({"plan": plan})).await.status, 200);
    }
    let first = w.get("/audit?limit=2").await;
    assert_eq!(first.status, 200, "{}", first.text);
    let entries = &first.body["description"]["entries"];
    let (who, what) = (&entries[0]["who"], &entries[0]["what"]);
    assert_eq!((who, what), (&json!("operator"), &json!("user.change")));
    assert_eq!(entries[0]["user_id"], ana.id.to_string());
    let cursor = first.body["description"]["next_cursor"].as_str().unwrap();
    let last = w.get(&format!("/audit?limit=2&cursor={cursor}")).await;
    assert_eq!(last.body["description"]["next_cursor"], Value::Null);
    let all = [
        entries.as_array().unwrap().clone(),
        last.body["description"]["entries"].as_array().unwrap().clone(),
    ];
    let mut told: Vec<&str> = all.iter().flatten().map(|entry| entry["to"].as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, ["plan=basico", "plan=premium", "plan=premium"]);
    for (query, code) in
        [("limit=0", "INVALID_PARAMETER"), ("limit=x", "INVALID_PARAMETER"), ("cursor=x", "INVALID_CURSOR")]
    {
        let reply = w.get(&format!("/audit?{query}")).await;
        assert_eq!((reply.status, reply.code()), (422, code), "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_not_done() {
    let w = world().await;
    let ana = w.tenant(1).await;
    w.trail.switch.fail();
    let reply = w.put(&ana, json!({"plan": "premium"})).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    assert_eq!(w.accounts.find(ana.id).await.unwrap(), Some(ana));
    assert_eq!(w.get("/audit").await.status, 503);
}
