//! Pairing by code.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use wacore::store::InMemoryBackend;
use wacore::types::events::Event;
use whatsapp_rust::pair_code::{PairCodeOptions, PairCodeRejection, PairError};

use crate::admin::Sim;
use crate::client::Client;

const NUMBER: &str = "5511999990001";
const CONTACT: &str = "5531977770003";
const ENTER: &str = "/admin/mock-phone/enter-code";

/// A client that is not linked yet, and a way to ask for codes with it.
async fn unlinked(sim: &Sim) -> Client {
    let client = Client::start(sim, Arc::new(InMemoryBackend::new()), "Test").await;
    client.qr().await;
    client
}

async fn code(client: &Client) -> Result<String, PairError> {
    let options = PairCodeOptions { phone_number: NUMBER.to_owned(), ..Default::default() };
    client.inner().pair_with_code(options).await
}

async fn enter(sim: &Sim, code: &str) -> (u16, Value) {
    sim.call(Method::POST, ENTER, Some(json!({"number": NUMBER, "code": code}))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_pairs_by_code_and_writes() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let client = unlinked(&sim).await;
    let code = code(&client).await.unwrap();
    // As people type it.
    let typed = format!("{}-{}", &code[..4], code[4..].to_lowercase());
    let (status, linked) = enter(&sim, &typed).await;
    assert_eq!((status, &linked["number"], &linked["device"]), (200, &json!(NUMBER), &json!(1)), "{linked}");
    client.connected().await;
    let id = client.send(CONTACT, "pareado").await;
    assert_eq!(client.ack(&id).await, None);
    assert_eq!(sim.messages(CONTACT, 1).await[0]["from"], NUMBER);
    // A code is used up.
    assert_eq!(enter(&sim, &code).await.0, 404);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_links_nothing_and_the_right_one_still_does() {
    let sim = Sim::start().await;
    let client = unlinked(&sim).await;
    assert_eq!(enter(&sim, "ABCD1234").await.0, 404);
    let code = code(&client).await.unwrap();
    let wrong: String = code.chars().map(|one| if one == 'A' { 'B' } else { 'A' }).collect();
    let (status, refused) = enter(&sim, &wrong).await;
    assert_eq!((status, &refused["error"]), (400, &json!("the code is wrong")));
    assert_eq!(enter(&sim, "short").await.0, 400);
    assert_eq!(sim.device(NUMBER).await, Value::Null);
    // The client is not told; only the phone is.
    assert_eq!(client.count(|event| matches!(event, Event::PairingCodeError(_) | Event::PairSuccess(_))), 0);
    assert_eq!(enter(&sim, &code).await.0, 200);
    client.connected().await;
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_refreshed_is_void_and_the_next_one_counts() {
    let sim = Sim::start().await;
    let client = unlinked(&sim).await;
    let old = code(&client).await.unwrap();
    let refresh = json!({"number": NUMBER, "force_manual": true});
    let refresh = sim.call(Method::POST, "/admin/mock-phone/refresh-code", Some(refresh)).await;
    assert_eq!(refresh.0, 204);
    client
        .event("the wish for a new code", |event| match event {
            Event::PairingCodeRefresh(refresh) => refresh.force_manual.then_some(()),
            _ => None,
        })
        .await;
    assert_eq!(enter(&sim, &old).await.0, 404);
    let new = code(&client).await.unwrap();
    assert_eq!(enter(&sim, &old).await.0, 400);
    assert_eq!(enter(&sim, &new).await.0, 200);
    client.connected().await;
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_refused() {
    let sim = Sim::start().await;
    sim.contact(NUMBER).await;
    let client = unlinked(&sim).await;
    for (status, rejection) in
        [(429, PairCodeRejection::RateOverlimit), (452, PairCodeRejection::FeatureNotAvailable)]
    {
        sim.fault(json!({"kind": "refuse_code", "number": NUMBER, "code": status, "times": 1})).await;
        assert_eq!(code(&client).await.unwrap_err().rejection(), Some(rejection));
    }
    let code = code(&client).await.unwrap();
    assert_eq!(enter(&sim, &code).await.0, 200);
    client.connected().await;
    client.stop().await;
}
