//! Receipts, and what is done on the phone.

use crate::desk::{CONTACT, Desk, NUMBER, Running, contact};
use crate::updates::at;
use carteiro_core::chat::{Ack, ChatChange, Mute, Update};
use serde_json::json;

async fn change(running: &mut Running) -> ChatChange {
    let change = running.update("change of a chat", |update| match update {
        Update::Chat { chat, change } => Some((chat, change)),
        _ => None,
    });
    let (chat, change) = change.await;
    assert_eq!(chat, at(CONTACT));
    change
}

#[tokio::test]
async fn receipts_move_what_was_sent() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    running.send_text(&contact(), "3EB0AABBCCDF0201", "oi").await.unwrap();
    let acked = |update| match update {
        Update::Acked { chat, ids, ack, .. } => Some((chat, ids[0].as_str().to_owned(), ack)),
        _ => None,
    };
    let first = running.update("receipt", acked).await;
    assert_eq!(first, (at(CONTACT), "3EB0AABBCCDF0201".into(), Ack::Received));
    desk.post(&format!("/admin/accounts/{CONTACT}/read"), json!({})).await;
    assert_eq!(running.update("receipt", acked).await.2, Ack::Read);
}

#[tokio::test]
async fn what_the_phone_has_read_is_read() {
    for read_receipts in [true, false] {
        let desk = Desk::new().await;
        desk.post("/admin/accounts", json!({"number": NUMBER, "read_receipts": read_receipts})).await;
        let mut running = desk.pair().await;
        desk.write(CONTACT, NUMBER, json!({"text": "oi"})).await;
        running.message().await;
        let path = format!("/admin/accounts/{NUMBER}/messages");
        desk.until("the phone has it, too", &path, |body| body["messages"][0]["text"] == json!("oi")).await;
        desk.post(&format!("/admin/accounts/{NUMBER}/read"), json!({})).await;
        assert_eq!(change(&mut running).await, ChatChange::Read);
    }
}

#[tokio::test]
async fn what_is_done_on_the_phone_is_done_here() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    // The phone names people by LID; whose it is a session learns with a message.
    desk.write(CONTACT, NUMBER, json!({"text": "oi"})).await;
    running.message().await;
    for (done, expected) in [
        (json!({"archive": true}), ChatChange::Archived(true)),
        (json!({"mute": true}), ChatChange::Muted(Some(Mute::Forever))),
        (json!({"mute": false}), ChatChange::Muted(None)),
        (json!({"read": false}), ChatChange::MarkedUnread),
        (json!({"read": true}), ChatChange::Read),
        (json!({"pin": false}), ChatChange::Pinned(None)),
        (json!({"clear": true}), ChatChange::Cleared),
        (json!({"delete": true}), ChatChange::Deleted),
    ] {
        let mut chat = done.clone();
        chat["with"] = json!(CONTACT);
        desk.post(&format!("/admin/accounts/{NUMBER}/app-state"), json!({"chats": [chat]})).await;
        assert_eq!(change(&mut running).await, expected, "{done}");
    }
    desk.post(
        &format!("/admin/accounts/{NUMBER}/app-state"),
        json!({"chats": [{"with": CONTACT, "pin": true}]}),
    )
    .await;
    assert!(matches!(change(&mut running).await, ChatChange::Pinned(Some(_))));
}

#[tokio::test]
async fn a_burst_of_changes_comes_whole() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.write(CONTACT, NUMBER, json!({"text": "oi"})).await;
    running.message().await;
    for turn in 0..12 {
        let chat = json!({"with": CONTACT, "archive": turn % 2 == 0, "name": format!("Ana {turn}")});
        desk.post(&format!("/admin/accounts/{NUMBER}/app-state"), json!({"chats": [chat]})).await;
    }
    let (mut archived, mut named) = (false, false);
    let last = |update| {
        match update {
            Update::Chat { change: ChatChange::Archived(is), .. } => archived = !is,
            Update::Contact(change) => named = change.name == Some(Some("Ana 11".into())),
            _ => {}
        }
        (archived && named).then_some(())
    };
    running.update("last change", last).await;
}

#[tokio::test]
async fn names_of_the_address_book_come_before_and_after_pairing() {
    let desk = Desk::new().await;
    let path = format!("/admin/accounts/{NUMBER}/app-state");
    desk.post(&path, json!({"chats": [{"with": CONTACT, "name": "Ana da Padaria"}]})).await;
    let mut running = desk.pair().await;
    let named = |update| match update {
        Update::Contact(change) => Some((change.person.address().clone(), change.name?)),
        _ => None,
    };
    let expected = |name: &str| (at(CONTACT), Some(name.to_owned()));
    assert_eq!(running.update("name", named).await, expected("Ana da Padaria"));
    desk.post(&path, json!({"chats": [{"with": CONTACT, "name": "Ana"}]})).await;
    assert_eq!(running.update("name", named).await, expected("Ana"));
}
