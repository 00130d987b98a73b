//! The audit trail.

use super::{ana, with, world};
use carteiro_telemetry::testing::Lines;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

#[tokio::test]
async fn a_registration_is_one_line_without_what_it_made() {
    let lines = Lines::default();
    let writer = lines.clone();
    let logger = carteiro_telemetry::logger("users", move || writer.clone());
    // Of one subscriber alone, tracing asks the thread that reaches a callsite first whether the callsite is on, and that may be
    // another test's thread, which has none. Of two it asks both.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(logger));
    let w = world().await;
    let made = w.register(ana()).await;
    assert_eq!(w.register(with(ana(), "plan", json!("ouro"))).await.status, 422);
    drop(logging);
    let text = lines.text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let trail: Vec<&Value> = lines.iter().filter(|line| line["message"] == "audit").collect();
    assert_eq!(trail.len(), 1, "{text}");
    let description = &made.body["description"];
    assert_eq!((&trail[0]["who"], &trail[0]["what"]), (&json!("operator"), &json!("user.register")));
    assert_eq!((&trail[0]["tenant_id"], &trail[0]["to"]), (&description["user_id"], &json!("plan=premium")));
    for secret in [description["token"].as_str().unwrap(), "senha123", "99999999", "usuario"] {
        assert!(!text.contains(secret), "{text}");
    }
}
