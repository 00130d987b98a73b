//! Sends that wait: for their time, for their number, and no longer than they may.

use crate::tenant::Tenant;
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const WORKER: &str = "5511988880041";
const CONTACT: &str = "5511977770041";

/// Asks for a text with other fields beside the usual ones, and answers the send's id.
async fn ask(tenant: &Tenant<'_>, text: &str, fields: Value) -> String {
    let mut body =
        json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "text", "content": text});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let answer = tenant.call("POST", "/v2/sends", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["description"]["send_id"].as_str().unwrap().to_owned()
}

fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn a_scheduled_send_goes_out_at_its_time_and_a_cancelled_one_never() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("lia@exemplo.com.br", "5511999990041").await;
    tenant.pair(WORKER).await;

    // Long enough for what is asked and sent before, on a busy machine.
    let at = in_seconds(40);
    let later = ask(&tenant, "depois", json!({"send_at": at.to_string()})).await;
    let never = ask(&tenant, "nunca", json!({"send_at": at.to_string()})).await;
    let waiting = tenant.look(&later).await;
    assert_eq!((&waiting["status"], &waiting["waiting"]), (&json!("na fila"), &json!("SCHEDULED")));
    let cancelled = tenant.call("DELETE", &format!("/v2/sends/{never}"), &json!({})).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());
    // What is asked for later, and for now, goes first.
    tenant.send(WORKER, CONTACT, "agora").await;
    assert_eq!(contact.texts(1).await, ["agora"]);

    while Timestamp::now() < at - SignedDuration::from_secs(1) {
        assert_eq!(contact.messages().await.len(), 1, "before its time");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(contact.texts(2).await, ["agora", "depois"]);
    let came = Timestamp::now();
    assert!(came >= at, "{came} is before {at}");
    // The machine may be busy; without an alarm it would have taken a quarter of an hour.
    assert!(came.duration_since(at) < SignedDuration::from_secs(120), "{came} is long after {at}");
    let sent = tenant.status(&later, "entregue").await;
    assert_eq!(sent["waiting"], Value::Null);
    assert!(sent["date_time_scheduled"].is_string(), "{sent}");

    tenant.send(WORKER, CONTACT, "fim").await;
    assert_eq!(contact.texts(3).await, ["agora", "depois", "fim"], "what was cancelled never comes");
    assert_eq!(tenant.look(&never).await["status"], "cancelado");
    world.stop().await;
}

#[tokio::test]
async fn the_sweeper_ends_what_may_not_be_sent_any_more() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("mia@exemplo.com.br", "5511999990042").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());

    let short = ask(&tenant, "só agora", json!({"expires_at": in_seconds(15).to_string()})).await;
    let long = ask(&tenant, "ainda hoje", json!({})).await;
    // Nobody connects the number: only the sweeper can end it.
    let failed = tenant.status(&short, "falha").await;
    assert_eq!((&failed["error_code"], &failed["waiting"]), (&json!("SEND_EXPIRED"), &Value::Null));
    assert_eq!(tenant.look(&long).await["status"], "na fila");

    world.contact(WORKER).await;
    tenant.scan(WORKER).await;
    tenant.status(&long, "entregue").await;
    assert_eq!(contact.texts(1).await, ["ainda hoje"]);
    world.stop().await;
}
