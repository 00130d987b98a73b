//! Sessions over TLS, as with WhatsApp itself.

use crate::desk::{Desk, contact};
use carteiro_core::lease::Epoch;
use carteiro_engine::SessionEvent;
use carteiro_simulator::{Config, Simulator};

#[tokio::test]
async fn a_session_pairs_and_sends_over_tls() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let (url, authority) = (simulator.secure_websocket_url(), simulator.media_ca().to_owned());
    let desk = Desk::over(simulator, &url, &authority).await;
    let mut running = desk.pair().await;
    running.send_text(&contact(), "3EB0AA", "por TLS").await.unwrap();
    running.ack("3EB0AA").await;
    assert_eq!(desk.received(1).await[0]["text"], "por TLS");
}

#[tokio::test]
async fn who_is_certified_by_another_authority_is_told_nothing() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let other = Simulator::start(Config::default()).await.unwrap();
    let url = simulator.secure_websocket_url();
    let desk = Desk::over(simulator, &url, other.media_ca()).await;
    let mut running = desk.start(Epoch::FIRST).await;
    // A second try shows that the first was given up.
    let tried = |answer: &serde_json::Value| answer["stats"]["streams"].as_u64() >= Some(2);
    let answer = desk.until("the session tries again", "/admin/stats", tried).await;
    assert_eq!(answer["stats"]["handshakes"], serde_json::json!({}), "{answer}");
    while let Some(event) = running.events.try_recv() {
        assert!(!matches!(event, SessionEvent::Qr { .. }), "{event:?}");
    }
}
