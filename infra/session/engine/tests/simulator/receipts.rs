//! Receipts and changes, which WhatsApp forgets only when the owner has stored them.

use crate::desk::{CONTACT, Desk, PATIENCE, Running, contact};
use carteiro_core::chat::Update;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::WhatsAppStates;
use carteiro_engine::{Handover, ReceiptKind, SessionEvent};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const ID: &str = "3EB0AABBCCDD0701";
/// Much longer than an answer takes, and much shorter than what is not accepted is waited for.
const NO_ANSWER: Duration = Duration::from_secs(2);

/// The session of a number that is paired and has written to the contact, whose phone has not received it yet; nothing that it is
/// told is stored.
async fn written(desk: &Desk) -> Running {
    let running = desk.pair().await;
    running.session.shutdown().await;
    let mut running = alone(desk).await;
    wait(&mut running, "a connection", |event| match event {
        SessionEvent::Connected(_) => Ok(()),
        other => Err(other),
    })
    .await;
    desk.post("/admin/accounts", json!({"number": CONTACT, "auto_receipts": "none"})).await;
    running.send_text(&contact(), ID, "Olá").await.unwrap();
    wait(&mut running, "an ack", |event| match event {
        SessionEvent::Ack { message_id, .. } if message_id == ID => Ok(()),
        other => Err(other),
    })
    .await;
    running
}

async fn alone(desk: &Desk) -> Running {
    let state = desk.states.open(&(&desk.number).into(), Epoch::FIRST.next()).await.unwrap();
    desk.start_alone(state).await.unwrap()
}

/// The first event that `pick` takes; what it does not take is left out.
async fn wait<T>(
    running: &mut Running,
    what: &str,
    mut pick: impl FnMut(SessionEvent) -> Result<T, SessionEvent>,
) -> T {
    let search = async {
        while let Some(event) = running.events.recv().await {
            match pick(event) {
                Ok(found) => return Some(found),
                Err(other) => other.leave_out(),
            }
        }
        None
    };
    timeout(PATIENCE, search).await.ok().flatten().unwrap_or_else(|| panic!("there was no {what}"))
}

/// The two parts of the delivery's handover: as of the send, and as of the chat.
async fn delivery(running: &mut Running) -> [Handover; 2] {
    let (mut send, mut chat) = (None, None);
    while send.is_none() || chat.is_none() {
        wait(running, "a delivery", |event| match event {
            SessionEvent::Receipt { message_ids, kind: ReceiptKind::Delivered, handover, .. }
                if message_ids == [ID] =>
            {
                send = Some(handover);
                Ok(())
            }
            SessionEvent::Updates { updates, handover }
                if updates.iter().any(|update| matches!(update, Update::Acked { ids, .. } if ids.iter().any(|id| id.as_str() == ID))) =>
            {
                chat = Some(handover);
                Ok(())
            }
            other => Err(other),
        })
        .await;
    }
    [send.unwrap(), chat.unwrap()]
}

async fn deliver(desk: &Desk) {
    desk.received(1).await;
    desk.post(&format!("/admin/accounts/{CONTACT}/receipts"), json!({"ids": [ID], "kinds": ["delivered"]}))
        .await;
}

/// Whether WhatsApp answers a question: whether what the session says comes to it.
async fn is_heard(running: &Running, most: Duration) -> bool {
    let asked = [CONTACT.parse().unwrap()];
    matches!(timeout(most, running.session.resolve(&asked)).await, Ok(Ok(_)))
}

#[tokio::test]
async fn a_receipt_that_was_not_stored_comes_again_after_a_crash() {
    let desk = Desk::new().await;
    let mut running = written(&desk).await;
    deliver(&desk).await;
    let parts = delivery(&mut running).await;
    assert!(!is_heard(&running, NO_ANSWER).await, "something went out before the receipt was stored");
    drop(running);
    drop(parts);

    let mut running = alone(&desk).await;
    delivery(&mut running).await.into_iter().for_each(Handover::accept);
    assert!(is_heard(&running, PATIENCE).await);
}

#[tokio::test]
async fn a_receipt_that_is_stored_in_both_places_does_not_come_again() {
    let desk = Desk::new().await;
    let mut running = written(&desk).await;
    deliver(&desk).await;
    let [send, chat] = delivery(&mut running).await;
    send.accept();
    assert!(!is_heard(&running, NO_ANSWER).await, "one part is not stored");
    chat.accept();
    assert!(is_heard(&running, PATIENCE).await);
    // A shutdown says all that is stored.
    running.session.shutdown().await;
    drop(running);
    let forgotten = |body: &Value| body["devices"][0]["queued"] == json!(0);
    desk.until("WhatsApp has forgotten it", "/admin/devices", forgotten).await;
}

#[tokio::test]
async fn what_the_owner_drops_closes_the_connection_and_comes_with_the_next_one() {
    let desk = Desk::new().await;
    let mut running = written(&desk).await;
    deliver(&desk).await;
    drop(delivery(&mut running).await);
    let lost = |event| match event {
        SessionEvent::Disconnected { .. } => Ok(()),
        other => Err(other),
    };
    wait(&mut running, "loss of the connection", lost).await;
    delivery(&mut running).await.into_iter().for_each(Handover::accept);
    assert!(is_heard(&running, PATIENCE).await);
}

/// The owner neither stores nor drops it, as when its store is away for long.
#[tokio::test]
async fn a_connection_over_which_nothing_is_stored_is_closed_until_it_is() {
    let desk = Desk::new().await;
    let mut running = written(&desk).await;
    deliver(&desk).await;
    let parts = delivery(&mut running).await;
    let begun = Instant::now();
    let lost = |event| match event {
        SessionEvent::Disconnected { .. } => Ok(()),
        other => Err(other),
    };
    wait(&mut running, "loss of the connection", lost).await;
    assert!(begun.elapsed() > Duration::from_secs(10), "a store may be away for a while");
    assert!(!is_heard(&running, NO_ANSWER).await, "there is no connection until it is stored");
    parts.into_iter().for_each(Handover::accept);
    // What was not answered comes again, and changes nothing.
    delivery(&mut running).await.into_iter().for_each(Handover::accept);
    assert!(is_heard(&running, PATIENCE).await);
}
