use crate::desk::{CONTACT, Desk, NUMBER};
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
