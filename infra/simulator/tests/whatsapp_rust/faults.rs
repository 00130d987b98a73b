//! Faults as a client meets them.

use serde_json::{Value, json};
use wacore::types::events::Event;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

async fn ana_and_a_contact() -> (Sim, Client) {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    (sim, ana)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nack_carries_its_code_and_nothing_is_relayed() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "nack", "number": ANA, "code": 463, "times": 1})).await;
    let refused = ana.send(CONTACT, "recusado").await;
    assert_eq!(ana.ack(&refused).await.as_deref(), Some("463"));
    let accepted = ana.send(CONTACT, "aceito").await;
    assert_eq!(ana.ack(&accepted).await, None);
    let messages = sim.messages(CONTACT, 1).await;
    assert_eq!(messages[0]["text"], "aceito");
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_drops_in_the_middle_of_sending_and_the_client_comes_back() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "drop_stream", "number": ANA, "after_messages": 2})).await;
    let first = ana.send(CONTACT, "um").await;
    assert_eq!(ana.ack(&first).await, None);
    let second = ana.send(CONTACT, "dois").await;
    sim.messages(CONTACT, 2).await;
    sim.device_until(ANA, |device| device["online"] == true && device["logins"].as_u64() >= Some(2)).await;
    // Relayed, but never acknowledged.
    let acked = ana.count(|event| matches!(event, Event::ServerAck(ack) if ack.id == second));
    assert_eq!(acked, 0);
    assert_eq!(sim.device(ANA).await["max_streams"], 1);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_stream_says_so() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "replaced", "number": ANA})).await;
    ana.event("the replacement", |event| matches!(event, Event::StreamReplaced(_)).then_some(())).await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_the_phone_unlinks_is_logged_out_for_good() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "logged_out", "number": ANA})).await;
    ana.event("the logout", |event| matches!(event, Event::LoggedOut(_)).then_some(())).await;
    let backend = ana.stop().await;
    assert_eq!(sim.device(ANA).await, Value::Null);

    let again = Client::start(&sim, backend, "Test").await;
    // Either the client has already forgotten its identity and asks to be paired, or the server refuses it.
    again
        .event("the refusal", |event| {
            matches!(event, Event::LoggedOut(_) | Event::PairingQrCode(_)).then_some(())
        })
        .await;
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acks_can_be_held_and_let_go() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "hold_acks", "number": ANA})).await;
    let id = ana.send(CONTACT, "segure").await;
    sim.messages(CONTACT, 1).await;
    let acked = |client: &Client| {
        client.count(|event| {
            matches!(event, Event::ServerAck(ack) if ack.id == id && ack.class.as_deref() == Some("message"))
        })
    };
    assert_eq!(acked(&ana), 0);
    sim.clear_faults().await;
    assert_eq!(ana.ack(&id).await, None);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_stream_takes_and_says_nothing_until_the_fault_ends() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "stall", "number": ANA})).await;
    sim.send_as(CONTACT, ANA, "espere").await;
    assert!(sim.device(ANA).await["queued"].as_u64() >= Some(1));
    sim.clear_faults().await;
    // What was kept back comes with the next login, as after any lost stream.
    sim.fault(json!({"kind": "drop_stream", "number": ANA})).await;
    ana.text("espere").await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_delivery_is_one_text_for_the_contact() {
    let (sim, ana) = ana_and_a_contact().await;
    sim.fault(json!({"kind": "duplicate", "number": ANA, "times": 1})).await;
    ana.send(CONTACT, "eco").await;
    let path = format!("/admin/accounts/{CONTACT}/messages");
    sim.until(&path, |answer| (answer["messages"][0]["copies"] == 2).then_some(())).await;
    let messages = sim.messages(CONTACT, 1).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["text"], "eco");
    assert_eq!(messages[0]["undecryptable"], 0, "what comes again byte for byte was read the first time");
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_tried_again() {
    let (sim, ana) = ana_and_a_contact().await;
    let backend = ana.stop().await;
    sim.fault(json!({"kind": "refuse_login", "number": ANA, "code": 503, "times": 1})).await;
    let ana = Client::start(&sim, backend, "Test").await;
    ana.connected().await;
    assert!(sim.get("/admin/faults").await["faults"].as_array().unwrap().is_empty());
    ana.stop().await;
}
