//! What the phone has from before the number was paired.

use crate::desk::{CONTACT, Desk, NUMBER, PATIENCE, Running};
use crate::updates::at;
use carteiro_core::chat::{Ack, Body, Chat, Contact, Message, Update};
use carteiro_core::lease::Epoch;
use carteiro_core::ports::WhatsAppStates as _;
use carteiro_engine::SessionEvent;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};

type Part = (Vec<Chat>, Vec<Message>, Vec<Contact>);

async fn part(running: &mut Running) -> Part {
    let part = running.update("history", |update| match update {
        Update::History { chats, messages, contacts } => Some((chats, messages, contacts)),
        _ => None,
    });
    part.await
}

/// Parts until there are so many messages.
async fn parts(running: &mut Running, count: usize) -> Part {
    let mut all = Part::default();
    while all.1.len() < count {
        let (chats, messages, contacts) = part(running).await;
        assert!(messages.len() <= 100, "{}", messages.len());
        all.0.extend(chats);
        all.1.extend(messages);
        all.2.extend(contacts);
    }
    all
}

impl Desk {
    /// Waits until so many parts of the history are kept to be read.
    async fn until_shelved(&self, epoch: Epoch, count: usize) {
        let state = self.states.open(&(&self.number).into(), epoch).await.unwrap();
        let settled = async {
            while state.list("history#").await.unwrap().len() != count {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, settled).await.expect("the history is kept, or read, in time");
    }
}

async fn seed(desk: &Desk, history: Value) {
    desk.post(&format!("/admin/accounts/{NUMBER}/history"), history).await;
}

fn chat_of_ana() -> Value {
    json!({"chats": [{"with": CONTACT, "name": "Ana", "unread": 2, "messages": [
        {"id": "3EB0A1", "text": "primeira", "at": 1_760_000_000},
        {"id": "3EB0A2", "from_me": true, "text": "resposta", "at": 1_760_000_060, "receipt": "delivered"},
        {"id": "3EB0A3", "media": {"type": "image", "caption": "foto"}, "at": 1_760_000_120},
    ]}]})
}

#[tokio::test]
async fn the_phones_chats_come_with_a_new_device() {
    let desk = Desk::new().await;
    seed(&desk, chat_of_ana()).await;
    let book = json!({"chats": [{"with": CONTACT, "name": "Ana da Padaria", "archive": true}]});
    desk.post(&format!("/admin/accounts/{NUMBER}/app-state"), book).await;
    let mut running = desk.pair().await;
    let (chats, messages, mut contacts) = parts(&mut running, 3).await;
    let chat = chats.iter().find(|chat| chat.address == at(CONTACT)).unwrap();
    assert_eq!((chat.name.as_deref(), chat.unread), (Some("Ana da Padaria"), 2));
    assert!(chat.archived);
    assert!(chat.with.as_ref().unwrap().lid().is_some());
    let message = |id: &str| messages.iter().find(|message| message.key.id.as_str() == id).unwrap();
    assert_eq!(message("3EB0A1").body, Body::Text { text: "primeira".into() });
    assert_eq!(message("3EB0A1").key.chat, at(CONTACT));
    assert_eq!((message("3EB0A2").key.from_me, message("3EB0A2").ack), (true, Ack::Received));
    assert_eq!(message("3EB0A3").body.v1_type(), "image");
    while !contacts.iter().any(|contact| contact.push_name.as_deref() == Some("Ana")) {
        contacts.extend(part(&mut running).await.2);
    }
    assert!(contacts.iter().any(|contact| contact.name.as_deref() == Some("Ana da Padaria")));
}

#[tokio::test]
async fn two_thousand_chats_come_in_parts() {
    let desk = Desk::new().await;
    seed(&desk, json!({"generate": {"chats": 2000, "messages": 25}})).await;
    let mut running = desk.pair().await;
    let (chats, messages, _) = parts(&mut running, 50_000).await;
    let chats: std::collections::HashSet<_> = chats.into_iter().map(|chat| chat.address).collect();
    let keys: std::collections::HashSet<_> = messages.into_iter().map(|message| message.key).collect();
    assert_eq!((chats.len(), keys.len()), (2000, 50_000));
}

#[tokio::test]
async fn history_that_was_not_accepted_comes_again_with_the_next_session() {
    let desk = Desk::new().await;
    seed(&desk, chat_of_ana()).await;
    let mut running = desk.start(Epoch::FIRST).await;
    let code = running.wait("a code", |event| match event {
        SessionEvent::Qr { code, .. } => Some(code.clone()),
        _ => None,
    });
    let code = code.await;
    desk.scan(code.reveal(), NUMBER).await;
    let offered = |event: &SessionEvent| match event {
        SessionEvent::Updates { updates, .. } => {
            updates.iter().any(|update| matches!(update, Update::History { .. })).then_some(())
        }
        _ => None,
    };
    running.wait("history", offered).await;
    // Chats, names, what is older (nothing), and the groups: what is announced and not yet there a crash would lose.
    desk.until_shelved(Epoch::FIRST, 4).await;
    // The device itself is written a little later than it is paired.
    assert!(running.session.flush().await);
    drop(running);
    let mut again = desk.start(Epoch::FIRST.next()).await;
    let mut messages = 0;
    let reading = async {
        loop {
            messages += part(&mut again).await.1.len();
        }
    };
    tokio::select! {
        () = desk.until_shelved(Epoch::FIRST.next(), 0) => {}
        () = reading => {}
    }
    assert_eq!(messages, 3);
    assert!(again.session.flush().await);
    again.session.shutdown().await;
    let mut last = desk.start(Epoch::FIRST.next()).await;
    last.connected().await;
    let more = async { part(&mut last).await };
    assert!(timeout(Duration::from_secs(2), more).await.is_err(), "what was accepted does not come again");
}

#[tokio::test]
async fn who_only_pairs_leaves_the_first_login_and_the_history_to_the_session_of_the_number() {
    let desk = Desk::new().await;
    seed(&desk, chat_of_ana()).await;
    desk.fault(json!({"kind": "slow_media", "delay_ms": 3000})).await;
    let mut pairing = desk.start_pairing().await;
    let code = pairing.wait("a code", |event| match event {
        SessionEvent::Qr { code, .. } => Some(code.clone()),
        _ => None,
    });
    let code = code.await;
    desk.scan(code.reveal(), NUMBER).await;
    pairing.wait_for("a device", |event| matches!(event, SessionEvent::Paired { .. })).await;
    assert!(timeout(Duration::from_secs(1), pairing.connected()).await.is_err(), "it has logged in");
    assert!(pairing.session.hand_on().await);
    pairing.wait_for("end", |event| matches!(event, SessionEvent::Ended)).await;
    let mut running = desk.start(Epoch::FIRST.next()).await;
    let (_, messages, _) = parts(&mut running, 3).await;
    assert_eq!(messages.len(), 3);
}
