//! Chats that are addressed by LID, and those of accounts that have not come to it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wacore::types::events::Event;
use whatsapp_rust::Jid;

use crate::admin::{DEADLINE, Sim};
use crate::client::Client;

const ANA: &str = "5511999990001";
const CAIO: &str = "5531977770003";

async fn lid(sim: &Sim, number: &str) -> String {
    let accounts = sim.get("/admin/accounts").await;
    let accounts = accounts["accounts"].as_array().unwrap();
    accounts.iter().find(|account| account["number"] == number).unwrap()["lid"].as_str().unwrap().to_owned()
}

/// Whose a text is, as the client sees it: chat, sender and the sender's other address.
async fn places(client: &Client, text: &str) -> (String, String, Option<String>) {
    use whatsapp_rust::prelude::MessageExt;
    client
        .event("the text", |event| match event {
            Event::Messages(batch) => batch.messages.iter().find_map(|message| {
                let source = &message.info.source;
                (message.message.text_content() == Some(text)).then(|| {
                    let other = source.sender_alt.as_ref().map(|jid| jid.to_string());
                    (source.chat.to_string(), source.sender.to_string(), other)
                })
            }),
            _ => None,
        })
        .await
}

/// Waits until the client has its chats by LID: it asks whether it is to beside its connection.
async fn until_migrated(client: &Client) {
    let deadline = Instant::now() + DEADLINE;
    while !client.inner().is_lid_migrated().await {
        assert!(Instant::now() < deadline, "the client never moved");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn set_migrated(sim: &Sim, migrated: bool) -> Value {
    sim.post("/admin/accounts", json!({"number": ANA, "lid_migrated": migrated})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrated_account_has_its_chats_by_lid() {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    let (ana, other) = tokio::join!(Client::paired(&sim, ANA), Client::paired(&sim, ANA));
    let caio = lid(&sim, CAIO).await;
    until_migrated(&ana).await;
    sim.send_as(CAIO, ANA, "oi").await;
    let by_number = format!("{CAIO}@s.whatsapp.net");
    assert_eq!(places(&ana, "oi").await, (caio.clone(), caio.clone(), Some(by_number)));

    // What goes to the number arrives, and the account's other client has it in the same chat.
    let id = ana.send(CAIO, "olá").await;
    assert_eq!(ana.ack(&id).await, None);
    assert_eq!(sim.messages(CAIO, 1).await[0]["text"], "olá");
    assert_eq!(places(&other, "olá").await.0, caio);
    // What the phone writes too, with the number beside it.
    sim.send_as(ANA, CAIO, "do celular").await;
    let number = other
        .event("the phone's text", |event| match event {
            Event::Messages(batch) => {
                use whatsapp_rust::prelude::MessageExt;
                let is = |text: Option<&str>| text == Some("do celular");
                let message = batch.messages.iter().find(|one| is(one.message.text_content()))?;
                Some(message.info.peer_recipient_pn.clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(number, Some(Jid::pn(CAIO)));
    ana.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_has_not_migrated_has_its_chats_by_number_until_it_does() {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    set_migrated(&sim, false).await;
    let ana = Client::paired(&sim, ANA).await;
    let (caio, by_number) = (lid(&sim, CAIO).await, format!("{CAIO}@s.whatsapp.net"));
    assert!(!ana.inner().is_lid_migrated().await);
    sim.send_as(CAIO, ANA, "antes").await;
    assert_eq!(places(&ana, "antes").await, (by_number.clone(), by_number.clone(), Some(caio.clone())));
    let id = ana.send(CAIO, "por número").await;
    assert_eq!(ana.ack(&id).await, None);
    assert_eq!(sim.messages(CAIO, 1).await[0]["undecryptable"], 0);

    // Groups are by LID all the same, with the number of each member.
    let group =
        sim.post("/admin/groups", json!({"subject": "Obra", "creator": CAIO, "members": [ANA]})).await;
    let group = group["id"].as_str().unwrap().to_owned();
    sim.send_as(CAIO, &group, "no grupo").await;
    assert_eq!(places(&ana, "no grupo").await, (group, caio.clone(), Some(by_number)));

    set_migrated(&sim, true).await;
    sim.send_as(CAIO, ANA, "depois").await;
    assert_eq!(places(&ana, "depois").await.0, caio);
    // The client moves when it next asks for the server's properties.
    let backend = ana.stop().await;
    let ana = Client::start(&sim, backend, "Test").await;
    ana.connected().await;
    until_migrated(&ana).await;
    let id = ana.send(CAIO, "por LID").await;
    assert_eq!(ana.ack(&id).await, None);
    sim.messages(CAIO, 2).await;
    ana.stop().await;
}
