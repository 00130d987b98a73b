//! Connecting, as a client sees it.

use super::{QR, WORKER, phone, world};
use carteiro_core::number::{Desired, LinkReport, LinkState, PairingCode, PairingMethod};
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

#[tokio::test]
async fn a_code_is_answered_to_type_until_it_is_connected() {
    let w = world().await.with_worker().await;
    let path = format!("/connect?number={WORKER}&method=code");
    let code = PairingCode { code: "K7QW12ZX".to_owned().into(), expires_at: w.in_twenty_seconds() };
    w.will_tell(LinkReport {
        state: LinkState::Pairing,
        reason: None,
        qr: None,
        code: Some(code.clone()),
        jid: None,
    });
    let reply = w.get(&path).await;
    let description = reply.body["description"].as_object().unwrap();
    assert_eq!((reply.status, &description["pairing_code"]), (200, &json!("K7QW-12ZX")), "{}", reply.text);
    assert_eq!(description["expires_at"], code.expires_at.to_string());
    assert_eq!((&description["expires_in"], &description["state"]), (&json!(19), &json!("pairing")));
    assert!(!description.contains_key("qr") && !description.contains_key("qr_base64"));
    let wanted = w.links.peek(&phone(WORKER)).unwrap().desired;
    assert_eq!(wanted, Desired::Connected(PairingMethod::Code));

    w.clock.advance(SignedDuration::from_secs(20));
    w.will_report(LinkState::Connected, false);
    let reply = w.get(&path).await;
    let description = reply.body["description"].as_object().unwrap();
    assert_eq!((reply.status, &description["status"]), (200, &json!("conectado")));
    assert!(!description.contains_key("pairing_code"));
}

#[tokio::test]
async fn a_code_that_whatsapp_refuses_is_409_in_words() {
    let w = world().await.with_worker().await;
    w.will_tell(LinkReport {
        state: LinkState::CodeRefused,
        reason: Some("WHATSAPP_429".into()),
        qr: None,
        code: None,
        jid: None,
    });
    let reply = w.get(&format!("/connect?number={WORKER}&method=code")).await;
    assert_eq!((reply.status, reply.code()), (409, "LINK_FAILED"));
    let told = reply.body["description"].as_str().unwrap();
    assert!(
        told.contains("Conecte pelo QR") && told.contains("429") && told.contains("code_refused"),
        "{told}"
    );
}

#[tokio::test]
async fn every_state_is_told_as_it_is() {
    let w = world().await.with_worker().await;
    w.get(&format!("/connect?number={WORKER}")).await;
    for state in LinkState::ALL {
        w.links
            .report_now(
                &phone(WORKER),
                carteiro_core::lease::Epoch::FIRST,
                &LinkReport { state, reason: None, qr: None, code: None, jid: None },
                w.in_twenty_seconds(),
            )
            .unwrap();
        let reply = w.get(&format!("/status?number={WORKER}")).await;
        let description = &reply.body["description"];
        assert_eq!((reply.status, &description["state"]), (200, &json!(state.as_str())));
        assert_eq!(description["status"], state.status());
        let plain = matches!(state, LinkState::Offline | LinkState::Connected);
        assert_eq!(description["reason"].is_null(), plain, "{state:?}: {}", reply.text);
        assert!(description["since"].is_string());
    }
}
