use crate::desk::{Desk, contact};
use carteiro_core::lease::Epoch;
use carteiro_core::ports::WhatsAppStates;
use carteiro_engine::{EngineError, SendError, SessionEvent};
use serde_json::{Value, json};

#[tokio::test]
async fn a_broken_connection_comes_back_by_itself() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.fault(json!({"kind": "drop_stream"})).await;
    running.wait_for("loss", |event| matches!(event, SessionEvent::Disconnected { .. })).await;
    running.connected().await;
    running.session.send_text(&contact(), "3EB0AABBCCDD0101", "voltei").await.unwrap();
    running.ack("3EB0AABBCCDD0101").await;
}

#[tokio::test]
async fn a_replaced_session_ends() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    desk.fault(json!({"kind": "replaced"})).await;
    running.ends_with("replacement", |event| matches!(event, SessionEvent::Replaced)).await;
}

#[tokio::test]
async fn a_later_owner_silences_the_session() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    running.session.send_text(&contact(), "3EB0AABBCCDD0102", "antes").await.unwrap();
    running.ack("3EB0AABBCCDD0102").await;
    desk.states.open(&(&desk.number).into(), Epoch::FIRST.next()).await.unwrap();
    // The sent message is stored before it goes on the wire, and that write is refused.
    let sent = running.session.send_text(&contact(), "3EB0AABBCCDD0103", "depois").await;
    assert_eq!(sent, Err(SendError::Fenced));
    assert_eq!(
        running.session.send_text(&contact(), "3EB0AABBCCDD0104", "depois").await,
        Err(SendError::Fenced)
    );
    running.ends_with("fence", |event| matches!(event, SessionEvent::Fenced)).await;
    assert_eq!(desk.received(1).await.len(), 1, "nothing more went out");
}

#[tokio::test]
async fn a_failing_store_is_told_and_a_message_waits_for_it() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.states.set_unavailable(&desk.number, true);
    let sent = running.session.send_text(&contact(), "3EB0AABBCCDD0105", "oi").await;
    assert!(sent.is_err(), "its keys were not durable");
    for _ in 0..3 {
        assert!(
            running.session.flush().await
                || running.session.send_text(&contact(), "3EB0AABBCCDD0105", "oi").await.is_err()
        );
    }
    running
        .wait_for("failing store", |event| matches!(event, SessionEvent::StoreFailing { stopped: false }))
        .await;
    desk.states.set_unavailable(&desk.number, false);
    running.session.send_text(&contact(), "3EB0AABBCCDD0105", "oi").await.unwrap();
    running.ack("3EB0AABBCCDD0105").await;
    assert_eq!(desk.received(1).await[0]["text"], json!("oi"));
}

#[tokio::test]
async fn a_login_that_is_refused_for_good_ends_the_session() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    desk.fault(json!({"kind": "refuse_login", "code": 403})).await;
    desk.fault(json!({"kind": "drop_stream"})).await;
    running.ends_with("lock", |event| matches!(event, SessionEvent::LoggedOut { .. })).await;
}

#[tokio::test]
async fn a_dropped_session_leaves_no_connection() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    assert_eq!(desk.get("/admin/devices").await["devices"][0]["open_streams"], json!(1));
    drop(running);
    let closed = |body: &Value| body["devices"][0]["open_streams"] == json!(0);
    desk.until("the stream has closed", "/admin/devices", closed).await;
}

#[tokio::test]
async fn a_session_that_was_fenced_from_the_start_does_not_start() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    running.session.shutdown().await;
    let late = desk.states.open(&(&desk.number).into(), Epoch::FIRST).await.unwrap();
    desk.states.open(&(&desk.number).into(), Epoch::FIRST.next()).await.unwrap();
    let outcome = desk.start_over(late).await;
    assert_eq!(outcome.err(), Some(EngineError::Fenced));
}
