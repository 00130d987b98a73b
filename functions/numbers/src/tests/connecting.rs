//! Connecting, as a client sees it.

use super::{QR, WORKER, phone, world};
use carteiro_core::number::{Desired, LinkState};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn a_qr_is_answered_as_text_and_picture_until_it_is_connected() {
    let w = world().await.with_worker().await;
    let path = format!("/connect?number={WORKER}");
    w.will_report(LinkState::Pairing, true);
    let reply = w.get(&path).await;
    let description = &reply.body["description"];
    assert_eq!((reply.status, &description["qr"]), (200, &json!(QR)), "{}", reply.text);
    assert_eq!((&description["status"], &description["state"]), (&json!("desconectado"), &json!("pairing")));
    assert!(description["qr_base64"].as_str().unwrap().starts_with("data:image/png;base64,iVBOR"));
    assert_eq!(description["expires_in"], 19);
    assert_eq!(reply.header("cache-control"), "no-store");

    w.clock.advance(SignedDuration::from_secs(20));
    w.will_report(LinkState::Connected, false);
    let reply = w.get(&path).await;
    let description = reply.body["description"].as_object().unwrap();
    assert_eq!((reply.status, &description["status"]), (200, &json!("conectado")));
    assert!(!description.contains_key("qr") && !description.contains_key("qr_base64"));
    assert!(description["since"].as_str().unwrap().ends_with('Z'));

    let reply = w.ana("POST", "/disconnect", json!({"number": WORKER})).await;
    assert_eq!(reply.status, 200);
    assert_eq!(w.links.peek(&phone(WORKER)).unwrap().desired, Desired::Disconnected);
}

#[tokio::test]
async fn without_a_qr_in_time_it_is_202_and_a_failure_is_409() {
    let w = world().await.with_worker().await;
    let path = format!("/connect?number={WORKER}");
    let reply = w.get(&path).await;
    assert_eq!((reply.status, &reply.body["success"]), (202, &json!(true)), "{}", reply.text);
    w.will_report(LinkState::Banned, false);
    let reply = w.get(&path).await;
    assert_eq!((reply.status, reply.code()), (409, "LINK_FAILED"));
    assert!(reply.body["description"].as_str().unwrap().contains("banned"));
}
