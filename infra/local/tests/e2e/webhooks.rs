//! Webhooks: what is told, to whom, in which order, and what becomes of it when nobody listens.

use crate::named::Named;
use crate::until::until;
use crate::world::World;
use carteiro_local::{Received, Reply};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const NUMBER: &str = "5511988880091";
const CONTACT: &str = "5511977770091";

/// Writes as the contact.
async fn write(world: &World, text: &str) {
    let message = json!({"to": NUMBER, "text": text});
    world.admin("POST", &format!("/admin/accounts/{CONTACT}/messages"), Some(&message)).await;
}

fn texts(received: &[Received]) -> Vec<String> {
    let bodies = received.iter().map(Received::json);
    let heard = bodies.filter(|body| body["tipo"] == "recebendoMensagem");
    heard.map(|body| body["json"]["body"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Whether one of the signatures of a request is that of the secret.
fn is_signed(received: &Received, secret: &str) -> bool {
    let signature = received.header("x-signature");
    let parts: Vec<(&str, &str)> = signature.split(',').filter_map(|part| part.split_once('=')).collect();
    let time = parts.iter().find(|(name, _)| *name == "t").unwrap().1;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(&received.body);
    let ours: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    parts.iter().any(|(name, value)| *name == "v1" && *value == ours)
}

#[tokio::test]
async fn a_receiver_that_was_down_gets_everything_in_order() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    let tenant = world.tenant("davi@exemplo.com.br", "5511999990091").await;
    let receiver = world.receiver().unwrap();
    let set = json!({"url": receiver.url("/eventos"), "events": ["recebendoMensagem"]});
    let answer = tenant.call("PUT", "/v2/webhooks", &set).await;
    assert!(answer.status < 300, "{}", answer.text());
    let secret = answer.json()["description"]["secret"].as_str().unwrap().to_owned();
    tenant.pair(NUMBER).await;

    write(&world, "1").await;
    until("the first came", async || (!receiver.received_at("/eventos").is_empty()).then_some(())).await;
    receiver.reply("/eventos", Reply::Status(500));
    for text in ["2", "3", "4"] {
        write(&world, text).await;
    }
    until("the second was tried twice", async || {
        let tries = texts(&receiver.received_at("/eventos"));
        (tries.iter().filter(|text| *text == "2").count() >= 2).then_some(())
    })
    .await;
    receiver.reply("/eventos", Reply::Status(204));
    until("the last came", async || {
        texts(&receiver.received_at("/eventos")).contains(&"4".to_owned()).then_some(())
    })
    .await;
    let received = receiver.received_at("/eventos");
    let mut order = texts(&received);
    order.dedup();
    assert_eq!(order, ["1", "2", "3", "4"]);
    assert!(received.iter().all(|received| is_signed(received, &secret)));
    let ids: Vec<&str> = received.iter().map(|received| received.header("x-event-id")).collect();
    let second: Vec<&&str> = ids
        .iter()
        .zip(&received)
        .filter(|(_, r)| r.json()["json"]["body"] == "2")
        .map(|(id, _)| id)
        .collect();
    assert!(second.iter().all(|id| *id == second[0]), "one event has one id: {second:?}");
    let deliveries = tenant.get("/v2/webhooks/deliveries").await;
    assert_eq!(deliveries.status, 200, "{}", deliveries.text());
    assert!(!deliveries.text().contains("\"body\""), "no message is shown: {}", deliveries.text());
    world.stop().await;
}

#[tokio::test]
async fn one_receivers_silence_is_not_anothers() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("edu@exemplo.com.br", "5511999990092").await;
    let receiver = world.receiver().unwrap();
    receiver.reply("/mudo", Reply::Never);
    let answer = tenant.call("PUT", "/v2/webhooks", &json!({"url": receiver.url("/mudo")})).await;
    assert!(answer.status < 300, "{}", answer.text());
    let session = Named::new(&world, &tenant, "loja");
    session.pair(NUMBER).await;
    write(&world, "oi").await;
    session.event("recebendoMensagem", |message| message["body"] == "oi").await;
    world.stop().await;
}

#[tokio::test]
async fn old_clients_get_forms_and_a_test_says_what_the_receiver_said() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("fabi@exemplo.com.br", "5511999990093").await;
    let receiver = world.receiver().unwrap();
    let session = Named::new(&world, &tenant, "antiga");
    let hook = receiver.url(session.hook());
    let started = session.read("autenticacao", &[("webhook", &hook), ("webhookFormat", "form")]).await;
    assert!(started["message"].is_string(), "{started}");
    let form = until("a QR comes as a form", async || {
        let received = session.received();
        received.into_iter().find(|r| r.header("content-type").contains("x-www-form-urlencoded"))
    })
    .await;
    let body = String::from_utf8(form.body.to_vec()).unwrap();
    assert!(body.starts_with("tipo=") && body.contains("&sessao=antiga&json%5B"), "{body}");

    receiver.reply("/teste", Reply::Status(418));
    let set = tenant.call("PUT", "/v2/webhooks", &json!({"url": receiver.url("/teste")})).await;
    assert!(set.status < 300, "{}", set.text());
    let tested = tenant.call("POST", "/v2/webhooks/test", &Value::Null).await;
    assert!(tested.text().contains("418"), "{}", tested.text());
    world.stop().await;
}
