use crate::desk::{Desk, PATIENCE, Running, contact};
use carteiro_core::lease::Epoch;
use carteiro_core::ports::WhatsAppStates;
use carteiro_engine::{EngineError, Outgoing, SendError, SessionEvent};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// Writes a text under the same id until it is acknowledged, as whoever owns a number does over its connections.
async fn until_acknowledged(running: &mut Running, id: &str, text: &str) {
    let acknowledged = async {
        loop {
            let sent = running.send_text(&contact(), id, text).await;
            // What was written is not written again before its answer had all the time that it may take.
            let most = if sent.is_ok() { PATIENCE / 2 } else { Duration::from_secs(2) };
            let ack = async {
                loop {
                    let event = running.events.recv().await.expect("the session goes on");
                    if matches!(event, SessionEvent::Ack { message_id, .. } if message_id == id) {
                        break;
                    }
                }
            };
            if timeout(most, ack).await.is_ok() {
                break;
            }
        }
    };
    timeout(PATIENCE * 3, acknowledged).await.expect("an acknowledgement in time");
}

#[tokio::test]
async fn a_broken_connection_comes_back_by_itself() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.fault(json!({"kind": "drop_stream"})).await;
    running.wait_for("loss", |event| matches!(event, SessionEvent::Disconnected { .. })).await;
    running.connected().await;
    running.send_text(&contact(), "3EB0AABBCCDD0101", "voltei").await.unwrap();
    running.ack("3EB0AABBCCDD0101").await;
}

/// What was sent over the last connection may be lost, and the owner has not heard of it yet: this would overtake it.
#[tokio::test]
async fn nothing_goes_out_over_a_connection_that_the_owner_has_not_heard_of() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let before = running.events.over();
    running.send_text(&contact(), "3EB0AABBCCDD0501", "um").await.unwrap();
    running.ack("3EB0AABBCCDD0501").await;
    desk.fault(json!({"kind": "drop_stream"})).await;
    running.wait_for("loss", |event| matches!(event, SessionEvent::Disconnected { .. })).await;
    running.connected().await;
    let sent = running.session.send(before, &contact(), "3EB0AABBCCDD0502", Outgoing::Text("dois")).await;
    assert_eq!(sent, Err(SendError::NotConnected));
    running.send_text(&contact(), "3EB0AABBCCDD0503", "três").await.unwrap();
    running.ack("3EB0AABBCCDD0503").await;
    assert_eq!(desk.received(2).await[1]["text"], json!("três"));
}

/// As while the store is slow, or WhatsApp is asked for keys.
#[tokio::test]
async fn what_is_being_sent_when_the_connection_is_replaced_does_not_go_out_over_the_next() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.states.slow_down(&desk.number, "session", PATIENCE / 8);
    let (over, to) = (running.events.over(), contact());
    let sending = running.session.send(over, &to, "3EB0AABBCCDD0601", Outgoing::Text("devagar"));
    let replaced = async {
        desk.fault(json!({"kind": "drop_stream"})).await;
        while !matches!(running.events.recv().await, Some(SessionEvent::Connected(_))) {}
    };
    let (sent, replaced) = tokio::join!(sending, timeout(PATIENCE, replaced));
    replaced.expect("another connection in time");
    assert_eq!(sent, Err(SendError::NotConnected));
    desk.states.slow_down(&desk.number, "session", Duration::ZERO);
    running.send_text(&contact(), "3EB0AABBCCDD0602", "depois").await.unwrap();
    running.ack("3EB0AABBCCDD0602").await;
    let received = desk.received(1).await;
    assert_eq!(received.iter().map(|message| &message["text"]).collect::<Vec<_>>(), [&json!("depois")]);
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
    running.send_text(&contact(), "3EB0AABBCCDD0102", "antes").await.unwrap();
    running.ack("3EB0AABBCCDD0102").await;
    desk.states.open(&(&desk.number).into(), Epoch::FIRST.next()).await.unwrap();
    // The sent message is stored before it goes on the wire, and that write is refused.
    let sent = running.send_text(&contact(), "3EB0AABBCCDD0103", "depois").await;
    assert_eq!(sent, Err(SendError::Fenced));
    assert_eq!(running.send_text(&contact(), "3EB0AABBCCDD0104", "depois").await, Err(SendError::Fenced));
    running.ends_with("fence", |event| matches!(event, SessionEvent::Fenced)).await;
    assert_eq!(desk.received(1).await.len(), 1, "nothing more went out");
}

#[tokio::test]
async fn a_failing_store_is_told_and_a_message_waits_for_it() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.states.set_unavailable(&desk.number, true);
    let over = running.events.over();
    let told = async {
        loop {
            let event = running.events.recv().await.expect("the session goes on");
            if matches!(event, SessionEvent::StoreFailing { stopped: false }) {
                break desk.states.set_unavailable(&desk.number, false);
            }
        }
    };
    // Whether it is written now or later: never in part.
    let to = contact();
    let sending = running.session.send(over, &to, "3EB0AABBCCDD0105", Outgoing::Text("oi"));
    let (_, told) = tokio::join!(sending, timeout(PATIENCE, told));
    told.expect("the failure is told in time");
    until_acknowledged(&mut running, "3EB0AABBCCDD0105", "oi").await;
    assert_eq!(desk.received(1).await[0]["text"], json!("oi"));
}

/// A session over what an earlier one left, so that it has to read the recipient's Signal session.
async fn started_anew(desk: &Desk) -> Running {
    let mut first = desk.pair().await;
    first.send_text(&contact(), "3EB0AABBCCDD0401", "um").await.unwrap();
    first.ack("3EB0AABBCCDD0401").await;
    assert!(first.session.flush().await);
    first.session.shutdown().await;
    let mut again = desk.start(Epoch::FIRST.next()).await;
    again.connected().await;
    again
}

#[tokio::test]
async fn a_signal_session_that_cannot_be_read_at_once_is_read_again() {
    let desk = Desk::new().await;
    let mut running = started_anew(&desk).await;
    desk.states.refuse_reads(&desk.number, "session", 2);
    running.send_text(&contact(), "3EB0AABBCCDD0402", "dois").await.unwrap();
    running.ack("3EB0AABBCCDD0402").await;
    assert_eq!(desk.received(2).await[1]["text"], json!("dois"));
}

/// The library would leave the recipient out, and send the copy for the own phone alone, which WhatsApp acknowledges.
#[tokio::test]
async fn nothing_goes_out_past_a_signal_session_that_cannot_be_read() {
    let desk = Desk::new().await;
    let mut running = started_anew(&desk).await;
    desk.states.refuse_reads(&desk.number, "session", 1_000);
    let sent = running.send_text(&contact(), "3EB0AABBCCDD0403", "dois").await;
    assert_eq!(sent, Err(SendError::Failed), "it does not wait for the next connection either");
    desk.states.refuse_reads(&desk.number, "session", 0);
    let _ = running.send_text(&contact(), "3EB0AABBCCDD0404", "tampouco").await;
    running.wait_for("loss", |event| matches!(event, SessionEvent::Disconnected { .. })).await;
    assert_eq!(desk.received(1).await.len(), 1);
    until_acknowledged(&mut running, "3EB0AABBCCDD0403", "dois").await;
    let received = desk.received(2).await;
    assert_eq!((&received[1]["text"], &received[1]["copies"]), (&json!("dois"), &json!(1)));
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
    let open = |count: u32| move |body: &Value| body["devices"][0]["open_streams"] == json!(count);
    desk.until("there is one stream", "/admin/devices", open(1)).await;
    drop(running);
    desk.until("the stream has closed", "/admin/devices", open(0)).await;
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
