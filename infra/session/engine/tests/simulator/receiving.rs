use crate::desk::{CONTACT, Desk, NUMBER, contact};
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
        let event = tokio::time::timeout(std::time::Duration::from_secs(40), running.events.recv()).await;
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
    running.session.send_text(&contact(), "3EB0AABBCCDD0301", "oi").await.unwrap();
    assert_eq!(take(&mut running, true).await.body, Body::Text { text: "no meio".into() });
    write(&desk, "depois").await;
    assert_eq!(take(&mut running, true).await.body, Body::Text { text: "depois".into() });
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
        let event = tokio::time::timeout(std::time::Duration::from_secs(40), running.events.recv()).await;
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
