//! Texts and receipts between two paired clients, and with contacts that the simulator plays.

use serde_json::{Value, json};
use wacore::types::presence::ReceiptType;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const BIA: &str = "5521988880002";
const CONTACT: &str = "5531977770003";

#[tokio::test(flavor = "multi_thread")]
async fn two_paired_clients_write_to_each_other() {
    let sim = Sim::start().await;
    let (ana, bia) = tokio::join!(Client::paired(&sim, ANA), Client::paired(&sim, BIA));
    let id = ana.send(BIA, "oi, Bia").await;
    assert_eq!(ana.ack(&id).await, None);
    assert_eq!(bia.text("oi, Bia").await, id);
    ana.receipt(&id, ReceiptType::Delivered).await;

    let answer = bia.send(ANA, "oi, Ana").await;
    assert_eq!(ana.text("oi, Ana").await, answer);
    assert_eq!(bia.ack(&answer).await, None);
    // Bia's phone has the text too, and so it counts as delivered there.
    let phone = sim.messages(BIA, 1).await;
    assert_eq!(phone[0]["text"], "oi, Bia");
    ana.stop().await;
    bia.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_receives_confirms_reads_and_answers() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    let id = ana.send(CONTACT, "bom dia ☀").await;
    let messages = sim.messages(CONTACT, 1).await;
    assert_eq!(messages[0]["id"], id);
    assert_eq!(messages[0]["from"], ANA);
    assert_eq!(messages[0]["text"], "bom dia ☀");
    assert_eq!(messages[0]["copies"], 1);
    assert_eq!(messages[0]["undecryptable"], 0);
    ana.receipt(&id, ReceiptType::Delivered).await;

    sim.post(&format!("/admin/accounts/{CONTACT}/read"), json!({"ids": [id]})).await;
    ana.receipt(&id, ReceiptType::Read).await;
    // Each kind of receipt is confirmed by its own ack.
    sim.device_until(ANA, |device| device["queued"] == 0).await;

    let answer = sim.send_as(CONTACT, ANA, "bom dia, Ana").await;
    assert_eq!(ana.text("bom dia, Ana").await, answer);
    let delivered =
        |answer: &Value| (answer["messages"][0]["receipts"]["delivered"].as_u64()? >= 1).then_some(());
    sim.until(&format!("/admin/accounts/{CONTACT}/sent"), delivered).await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_can_be_silent_or_read_at_once() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": CONTACT, "auto_receipts": "none"})).await;
    sim.post("/admin/accounts", json!({"number": BIA, "auto_receipts": "read"})).await;
    let ana = Client::paired(&sim, ANA).await;
    let silent = ana.send(CONTACT, "alguém aí?").await;
    sim.messages(CONTACT, 1).await;
    let read = ana.send(BIA, "leia").await;
    ana.receipt(&read, ReceiptType::Read).await;
    let receipts = ana.count(|event| match event {
        wacore::types::events::Event::Receipt(receipt) => receipt.message_ids.contains(&silent),
        _ => false,
    });
    assert_eq!(receipts, 0);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_texts_arrive_once_and_in_order() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    for n in 0..100 {
        ana.send(CONTACT, &format!("texto {n}")).await;
    }
    let messages = sim.messages(CONTACT, 100).await;
    for (n, message) in messages.iter().enumerate() {
        assert_eq!(message["text"], format!("texto {n}"));
        assert_eq!(message["copies"], 1);
        assert_eq!(message["arrivals"].as_array().unwrap().len(), 1);
    }
    let after = messages[97]["order"].as_u64().unwrap();
    let rest = sim.get(&format!("/admin/accounts/{CONTACT}/messages?after={after}")).await;
    assert_eq!(rest["messages"].as_array().unwrap().len(), 2);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_sent_twice_is_one_message_with_two_copies() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    let id = "3EB0C0FFEE0123456789";
    ana.send_as_id(CONTACT, "uma vez", id).await;
    ana.ack(id).await;
    ana.send_as_id(CONTACT, "uma vez", id).await;
    let path = format!("/admin/accounts/{CONTACT}/messages");
    let message = sim
        .until(&path, |answer| {
            let message = answer["messages"][0].clone();
            (message["copies"] == 2).then_some(message)
        })
        .await;
    assert_eq!(message["text"], "uma vez");
    assert_eq!(message["undecryptable"], 0);
    assert_eq!(message["arrivals"].as_array().unwrap().len(), 2);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_offline_is_delivered_at_the_next_login() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    // The session exists already, so that the messages in the queue are of both kinds.
    sim.send_as(CONTACT, ANA, "online").await;
    ana.text("online").await;
    let backend = ana.stop().await;
    sim.device_until(ANA, |device| device["online"] == false).await;
    for n in 0..3 {
        sim.send_as(CONTACT, ANA, &format!("offline {n}")).await;
    }
    assert!(sim.device(ANA).await["queued"].as_u64() >= Some(3));

    let ana = Client::start(&sim, backend, "Test").await;
    for n in 0..3 {
        ana.text(&format!("offline {n}")).await;
    }
    // Confirmed, so gone from the queue.
    sim.device_until(ANA, |device| device["queued"] == 0).await;
    ana.stop().await;
}
