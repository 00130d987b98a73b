//! Receipts as real phones never send them, but networks deliver them; and the one for a voice note that was played.

use serde_json::json;
use wacore::types::presence::ReceiptType;
use waproto::buffa::MessageField;
use waproto::whatsapp::{self as wa, message as wm};

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

async fn silent_contact() -> (Sim, Client) {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": CONTACT, "auto_receipts": "none"})).await;
    let ana = Client::paired(&sim, ANA).await;
    (sim, ana)
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_go_out_just_as_asked() {
    let (sim, ana) = silent_contact().await;
    let id = ana.send(CONTACT, "oi").await;
    sim.messages(CONTACT, 1).await;
    let path = format!("/admin/accounts/{CONTACT}/receipts");
    // One after the other, since the client handles what comes at once in any order.
    for (kinds, expected) in [
        (vec!["read"], vec![ReceiptType::Read]),
        (vec!["delivered", "delivered"], vec![ReceiptType::Delivered, ReceiptType::Delivered]),
        (vec!["played"], vec![ReceiptType::Played]),
    ] {
        let before = ana.receipts(&id).len();
        let sent = sim.post(&path, json!({"ids": [id], "kinds": kinds})).await;
        assert_eq!(sent["receipts"], expected.len());
        sim.until("/admin/stats", |_| (ana.receipts(&id).len() >= before + expected.len()).then_some(()))
            .await;
        assert_eq!(ana.receipts(&id)[before..], expected);
    }
    let unknown = json!({"ids": ["nothing"], "kinds": ["read"]});
    assert_eq!(sim.call(reqwest::Method::POST, &path, Some(unknown)).await.0, 404);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_can_be_read_at_once() {
    let (sim, ana) = silent_contact().await;
    let (one, two) = (ana.send(CONTACT, "um").await, ana.send(CONTACT, "dois").await);
    sim.messages(CONTACT, 2).await;
    let wanted = json!({"ids": [one, two], "kinds": ["read"], "together": true});
    let sent = sim.post(&format!("/admin/accounts/{CONTACT}/receipts"), wanted).await;
    assert_eq!(sent["receipts"], 1);
    ana.receipt(&one, ReceiptType::Read).await;
    ana.receipt(&two, ReceiptType::Read).await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_voice_notes_are_played() {
    let (sim, ana) = silent_contact().await;
    let text = ana.send(CONTACT, "oi").await;
    let note = wm::AudioMessage { ptt: Some(true), seconds: Some(3), ..Default::default() };
    let note = wa::Message { audio_message: MessageField::some(note), ..Default::default() };
    let note = ana.send_message(CONTACT, note).await;
    sim.messages(CONTACT, 2).await;
    let path = format!("/admin/accounts/{CONTACT}/play");
    assert_eq!(sim.post(&path, json!({})).await["played"], 1);
    assert_eq!(sim.post(&path, json!({})).await["played"], 0);
    ana.receipt(&note, ReceiptType::Played).await;
    assert!(ana.receipts(&text).is_empty());
    let messages = sim.messages(CONTACT, 2).await;
    assert_eq!((&messages[0]["played"], &messages[1]["played"]), (&json!(false), &json!(true)));
    ana.stop().await;
}
