//! What one device of an account has read, its others know.

use serde_json::json;
use wacore::types::events::{Event, Receipt};
use wacore::types::presence::ReceiptType;
use whatsapp_rust::Jid;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

async fn receipt(client: &Client, id: &str, own: bool) -> Receipt {
    client
        .event("the receipt", |event| match event {
            Event::Receipt(receipt) if receipt.message_ids.iter().any(|one| one == id) => {
                let by = receipt.source.sender.to_non_ad();
                let is_own = by == Jid::pn(ANA)
                    || Some(&by) == client.inner().lid().map(|lid| lid.to_non_ad()).as_ref();
                (is_own == own).then(|| receipt.clone())
            }
            _ => None,
        })
        .await
}

/// The receipts that the contact has for a message, once it has one of this kind.
async fn sent_receipts(sim: &Sim, id: &str, kind: &str) -> serde_json::Value {
    sim.until(&format!("/admin/accounts/{CONTACT}/sent"), |answer| {
        let message = answer["messages"].as_array()?.iter().find(|message| message["id"] == id)?;
        message["receipts"][kind].is_u64().then(|| message["receipts"].clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_phone_reads_is_read_at_the_sender_and_at_the_companions() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    let id = sim.send_as(CONTACT, ANA, "leu?").await;
    ana.text("leu?").await;
    sim.messages(ANA, 1).await;
    sim.post(&format!("/admin/accounts/{ANA}/read"), json!({"ids": [id]})).await;
    assert_eq!(receipt(&ana, &id, true).await.r#type, ReceiptType::Read);
    assert_eq!(sent_receipts(&sim, &id, "read").await["read"], 1);
    sim.device_until(ANA, |device| device["queued"] == 0).await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_tells_nobody_what_it_reads_tells_its_own_devices() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    sim.post("/admin/accounts", json!({"number": ANA, "read_receipts": false})).await;
    let ana = Client::paired(&sim, ANA).await;
    let id = sim.send_as(CONTACT, ANA, "leu?").await;
    ana.text("leu?").await;
    sim.messages(ANA, 1).await;
    sim.post(&format!("/admin/accounts/{ANA}/read"), json!({})).await;
    assert_eq!(receipt(&ana, &id, true).await.r#type, ReceiptType::ReadSelf);
    assert_eq!(sent_receipts(&sim, &id, "delivered").await["read"], serde_json::Value::Null);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_companion_reads_is_read_on_the_phone() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    let id = sim.send_as(CONTACT, ANA, "leu?").await;
    let chat = ana
        .event("the message", |event| match event {
            Event::Messages(batch) => batch
                .messages
                .iter()
                .find(|message| message.info.id == id)
                .map(|message| message.info.source.chat.clone()),
            _ => None,
        })
        .await;
    sim.messages(ANA, 1).await;
    ana.inner().mark_as_read(&chat, None, &[&id]).await.unwrap();
    let path = format!("/admin/accounts/{ANA}/messages");
    sim.until(&path, |answer| (answer["messages"][0]["read"] == true).then_some(())).await;
    let history = sim.get(&format!("/admin/accounts/{ANA}/history")).await;
    assert_eq!(history["chats"][0]["unread"], 0);
    sim.until(&format!("/admin/accounts/{CONTACT}/sent"), |answer| {
        (answer["messages"][0]["receipts"]["read"] == 1).then_some(())
    })
    .await;
    ana.stop().await;
}
