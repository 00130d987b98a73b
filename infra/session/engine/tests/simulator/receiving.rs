use crate::desk::{CONTACT, Desk, NUMBER, PATIENCE, contact};
use carteiro_core::chat::{Body, Message, Update};
use carteiro_core::lease::Epoch;
use carteiro_engine::SessionEvent;
use serde_json::json;

async fn write(desk: &Desk, text: &str) {
    desk.post(&format!("/admin/accounts/{CONTACT}/messages"), json!({"to": NUMBER, "text": text})).await;
}

/// Takes the next message from the events, accepting it or not.
async fn take(running: &mut crate::desk::Running, accept: bool) -> Message {
    loop {
        let event = tokio::time::timeout(PATIENCE, running.events.recv()).await;
        if let Some(SessionEvent::Updates { updates, handover }) = event.expect("a message in time")
            && let [Update::Message(message)] = updates.as_slice()
        {
            if accept {
                handover.accept();
            }
            return message.clone();
        }
    }
}

#[tokio::test]
async fn an_incoming_text_arrives() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    write(&desk, "bom dia").await;
    let text = take(&mut running, true).await;
    assert_eq!(text.body, Body::Text { text: "bom dia".into() });
    assert_eq!(text.key.chat.phone().unwrap().digits(), CONTACT);
    assert!(text.author.lid().is_some());
}

#[tokio::test]
async fn a_text_that_was_not_accepted_comes_again() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    write(&desk, "importante").await;
    let first = take(&mut running, false).await;
    drop(running);
    let mut again = desk.start(Epoch::FIRST.next()).await;
    let second = take(&mut again, true).await;
    assert_eq!(second, first);
    assert!(again.session.flush().await);
    again.session.shutdown().await;
    let mut last = desk.start(Epoch::FIRST.next()).await;
    last.connected().await;
    write(&desk, "fim").await;
    assert_eq!(
        take(&mut last, true).await.body,
        Body::Text { text: "fim".into() },
        "the accepted text is not repeated"
    );
}

/// The row of a message cannot be written for a moment, in which another write stores the Signal session that has read it.
#[tokio::test]
async fn a_message_whose_row_is_not_written_at_once_is_not_lost() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    write(&desk, "antes").await;
    take(&mut running, true).await;
    desk.states.refuse(&desk.number, "inbound", 2);
    write(&desk, "no meio").await;
    // It may meet the second refusal itself, and then is not written.
    let _ = running.send_text(&contact(), "3EB0AABBCCDD0301", "oi").await;
    assert_eq!(take(&mut running, true).await.body, Body::Text { text: "no meio".into() });
    write(&desk, "depois").await;
    assert_eq!(take(&mut running, true).await.body, Body::Text { text: "depois".into() });
}

/// That a message cannot be read because the store cannot is nothing to tell: it comes again, and is told once and readable.
#[tokio::test]
async fn a_message_whose_signal_session_cannot_be_read_is_told_when_it_can() {
    let desk = Desk::new().await;
    let mut first = desk.pair().await;
    write(&desk, "antes").await;
    take(&mut first, true).await;
    assert!(first.session.flush().await);
    first.session.shutdown().await;
    let mut running = desk.start(Epoch::FIRST.next()).await;
    running.connected().await;
    desk.states.refuse_reads(&desk.number, "session", 1_000);
    write(&desk, "no meio").await;
    let is_loss = |event: &SessionEvent| matches!(event, SessionEvent::Disconnected { .. });
    let mut told = Vec::new();
    loop {
        let event = tokio::time::timeout(PATIENCE, running.events.recv()).await;
        let event = event.expect("a loss in time, and the message").expect("the session goes on");
        if is_loss(&event) {
            desk.states.refuse_reads(&desk.number, "session", 0);
        }
        let SessionEvent::Updates { updates, handover } = event else { continue };
        handover.accept();
        told.extend(updates.into_iter().filter_map(|update| match update {
            Update::Message(message) => Some(message.body),
            _ => None,
        }));
        if told.contains(&Body::Text { text: "no meio".into() }) {
            break;
        }
    }
    assert!(!told.contains(&Body::Ciphertext), "{told:?}");
}

/// Over the next connection, which comes by itself, and before what was written later.
#[tokio::test]
async fn what_was_not_accepted_comes_again_in_its_order() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    write(&desk, "um").await;
    take(&mut running, false).await;
    write(&desk, "dois").await;
    let mut texts = Vec::new();
    while texts.len() < 2 {
        let event = tokio::time::timeout(PATIENCE, running.events.recv()).await;
        let Some(SessionEvent::Updates { updates, handover }) = event.expect("both in time") else {
            continue;
        };
        texts.extend(updates.into_iter().filter_map(|update| match update {
            Update::Message(Message { body: Body::Text { text }, .. }) => Some(text),
            _ => None,
        }));
        handover.accept();
    }
    assert_eq!(texts, ["um", "dois"]);
}
