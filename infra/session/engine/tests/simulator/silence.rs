//! Connections over which nothing comes any more.

use crate::desk::{Desk, PATIENCE, contact};
use carteiro_core::lease::Epoch;
use carteiro_core::ports::WhatsAppStates;
use carteiro_engine::SessionEvent;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// By when a connection over which nothing comes is found.
const FOUND: Duration = Duration::from_secs(120);

/// A session whose server says nothing any more, and keeps the stream open, is found, told of, and connects anew by itself.
#[tokio::test]
async fn a_deaf_connection_is_found_within_two_minutes() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.fault(json!({"kind": "stall"})).await;
    let began = Instant::now();
    let silent = async {
        while let Some(event) = running.events.recv().await {
            if let SessionEvent::Disconnected { silent, .. } = event {
                return silent;
            }
        }
        false
    };
    assert!(timeout(FOUND, silent).await.unwrap(), "after {:?}", began.elapsed());
    desk.delete_faults().await;
    // The next connection may have come about before that, deaf too: then it is found as the first was.
    let connected = async {
        while let Some(event) = running.events.recv().await {
            if matches!(event, SessionEvent::Connected(_)) {
                return true;
            }
        }
        false
    };
    assert!(timeout(FOUND + PATIENCE, connected).await.unwrap(), "the session goes on");
    running.send_text(&contact(), "3EB0AABBCCDD0801", "voltei").await.unwrap();
    running.ack("3EB0AABBCCDD0801").await;
}

/// As after a crash right after the pairing: the owner has heard of it, and nothing was flushed.
#[tokio::test]
async fn a_device_is_stored_before_its_pairing_is_told() {
    let desk = Desk::new().await;
    let mut running = desk.start(Epoch::FIRST).await;
    let code = running.wait("a code", |event| match event {
        SessionEvent::Qr { code, .. } => Some(code.clone()),
        _ => None,
    });
    let code = code.await;
    let scanning = desk.scan(code.reveal(), crate::desk::NUMBER);
    let (states, number) = (desk.states.clone(), desk.number.clone());
    let paired = async {
        running.wait_for("the pairing", |event| matches!(event, SessionEvent::Paired { .. })).await;
        // From here on the first session stores nothing any more.
        states.open(&(&number).into(), Epoch::FIRST.next()).await.unwrap();
        drop(running);
    };
    tokio::join!(scanning, paired);
    let mut again = desk.start(Epoch::FIRST.next()).await;
    again
        .wait("a connection without a new code", |event| match event {
            SessionEvent::Connected(_) => Some(()),
            SessionEvent::Qr { .. } | SessionEvent::LoggedOut { .. } => {
                panic!("the device is gone: {event:?}")
            }
            _ => None,
        })
        .await;
}
