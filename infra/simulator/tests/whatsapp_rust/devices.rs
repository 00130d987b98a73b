//! More than one device: lists that change, envelopes that fail, pre-keys that run out.

use serde_json::json;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const BIA: &str = "5521988880002";
const CONTACT: &str = "5531977770003";

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_paired_later_gets_the_next_message() {
    let sim = Sim::start().await;
    let (ana, bia) = tokio::join!(Client::paired(&sim, ANA), Client::paired(&sim, BIA));
    let id = ana.send(BIA, "só um aparelho").await;
    assert_eq!(ana.ack(&id).await, None);
    bia.text("só um aparelho").await;

    let second = Client::paired(&sim, BIA).await;
    // Ana hears of it by a notification, which may still be on its way when she writes.
    sim.until("/admin/devices", |answer| {
        let ana = answer["devices"].as_array()?.iter().find(|device| device["number"] == ANA)?;
        (ana["queued"] == 0).then_some(())
    })
    .await;
    let id = ana.send(BIA, "dois aparelhos").await;
    assert_eq!(bia.text("dois aparelhos").await, id);
    assert_eq!(second.text("dois aparelhos").await, id);

    // And what one of Bia's devices sends, the other has too.
    let id = second.send(ANA, "do segundo").await;
    assert_eq!(ana.text("do segundo").await, id);
    assert_eq!(bia.text("do segundo").await, id);
    for client in [ana, bia, second] {
        client.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_asks_again_for_what_it_cannot_decrypt() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    for text in ["primeira", "segunda"] {
        // Once on a new session, once on one that exists.
        sim.fault(json!({"kind": "garble", "number": ANA, "times": 1})).await;
        let id = ana.send(CONTACT, text).await;
        let path = format!("/admin/accounts/{CONTACT}/messages");
        let message = sim
            .until(&path, |answer| {
                let found = answer["messages"].as_array()?.iter().find(|message| message["id"] == id)?;
                (found["text"] == text).then(|| found.clone())
            })
            .await;
        assert_eq!(message["undecryptable"], 1);
        assert_eq!(message["copies"], 2);
        ana.receipt(&id, wacore::types::presence::ReceiptType::Delivered).await;
    }
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_sends_again_what_a_client_cannot_decrypt() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    sim.fault(json!({"kind": "garble", "number": CONTACT, "times": 1})).await;
    let id = sim.send_as(CONTACT, ANA, "de novo").await;
    assert_eq!(ana.text("de novo").await, id);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_pre_keys_run_out_brings_new_ones() {
    let sim = Sim::start().await;
    let ana = Client::paired(&sim, ANA).await;
    let before = sim.device_until(ANA, |device| device["pre_keys"].as_u64() >= Some(20)).await;
    let before = before["pre_keys"].as_u64().unwrap();
    // Each contact that writes first takes one.
    for n in 0..before - 9 {
        let contact = format!("55119000000{n:02}");
        sim.contact(&contact).await;
        sim.send_as(&contact, ANA, &format!("olá {n}")).await;
    }
    ana.text("olá 0").await;
    sim.device_until(ANA, |device| device["pre_keys"].as_u64() >= Some(20)).await;
    ana.stop().await;
}
