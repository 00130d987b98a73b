//! Accounts that WhatsApp holds back: behind a passkey, without new chats, banned for a while.

use std::sync::Arc;

use serde_json::{Value, json};
use wacore::store::InMemoryBackend;
use wacore::types::events::{Event, TempBanReason};
use whatsapp_rust::pair_code::PairCodeOptions;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const KNOWN: &str = "5531977770003";
const STRANGER: &str = "5531977770004";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_behind_a_passkey_asks_for_it_by_qr_and_by_code() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA, "passkey": true})).await;
    let asked = |client: &Client| {
        client.count(|event| match event {
            Event::PairPasskeyRequest(request) => {
                let options: Value = serde_json::from_str(&request.request_options_json).unwrap();
                options["rpId"] == "web.whatsapp.com" && options["challenge"].is_string()
            }
            _ => false,
        })
    };
    let passkey = |event: &Event| matches!(event, Event::PairPasskeyRequest(_)).then_some(());

    let client = Client::start(&sim, Arc::new(InMemoryBackend::new()), "Test").await;
    assert_eq!(sim.scan(&client.qr().await, Some(ANA)).await["passkey_asked"], true);
    client.event("the wish for a passkey", passkey).await;
    assert_eq!(asked(&client), 1);
    client.stop().await;

    let client = Client::start(&sim, Arc::new(InMemoryBackend::new()), "Test").await;
    client.qr().await;
    let options = PairCodeOptions { phone_number: ANA.to_owned(), ..Default::default() };
    let code = client.inner().pair_with_code(options).await.unwrap();
    let entered = sim.post("/admin/mock-phone/enter-code", json!({"number": ANA, "code": code})).await;
    assert_eq!(entered["passkey_asked"], true);
    client.event("the wish for a passkey", passkey).await;
    assert_eq!(sim.device(ANA).await, Value::Null);
    client.stop().await;

    sim.post("/admin/accounts", json!({"number": ANA, "passkey": false})).await;
    Client::paired(&sim, ANA).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_account_writes_to_those_it_knows_only() {
    let sim = Sim::start().await;
    sim.contact(KNOWN).await;
    sim.contact(STRANGER).await;
    let ana = Client::paired(&sim, ANA).await;
    let before = ana.send(KNOWN, "antes").await;
    assert_eq!(ana.ack(&before).await, None);

    sim.post("/admin/accounts", json!({"number": ANA, "restricted": true})).await;
    let (to_known, to_stranger) = (ana.send(KNOWN, "oi").await, ana.send(STRANGER, "oi").await);
    assert_eq!(ana.ack(&to_known).await, None);
    assert_eq!(ana.ack(&to_stranger).await.as_deref(), Some("463"));

    // Who writes first is no new chat.
    sim.send_as(STRANGER, ANA, "prazer").await;
    ana.text("prazer").await;
    let answer = ana.send(STRANGER, "o prazer é meu").await;
    assert_eq!(ana.ack(&answer).await, None);
    assert_eq!(sim.messages(STRANGER, 1).await.len(), 1);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_ban_ends_the_stream_and_says_why_and_how_long() {
    let sim = Sim::start().await;
    let ana = Client::paired(&sim, ANA).await;
    sim.fault(json!({"kind": "temporary_ban", "number": ANA, "code": 104, "expire_s": 7200})).await;
    let (reason, seconds) = ana
        .event("the ban", |event| match event {
            Event::TemporaryBan(ban) => Some((ban.code.clone(), ban.expire.num_seconds())),
            _ => None,
        })
        .await;
    assert_eq!((reason, seconds), (TempBanReason::SentTooManySameMessage, 7200));
    let backend = ana.stop().await;

    sim.clear_faults().await;
    let ana = Client::start(&sim, backend, "Test").await;
    ana.connected().await;
    ana.stop().await;
}
