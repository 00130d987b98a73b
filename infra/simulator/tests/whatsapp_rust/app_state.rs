//! App state: what the phone and its companions change, and how the others hear of it.

use std::time::Duration;

use serde_json::{Value, json};
use wacore::types::events::Event;
use whatsapp_rust::Jid;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CAIO: &str = "5531977770003";
const DORA: &str = "5531977770004";
const NUDGE: &str = "5531977770005";

async fn change(sim: &Sim, body: Value) -> Value {
    sim.post(&format!("/admin/accounts/{ANA}/app-state"), body).await
}

async fn lid(sim: &Sim, number: &str) -> Jid {
    let accounts = sim.get("/admin/accounts").await;
    let accounts = accounts["accounts"].as_array().unwrap().clone();
    let account = accounts.iter().find(|one| one["number"] == number).unwrap().clone();
    account["lid"].as_str().unwrap().parse().unwrap()
}

/// The chat's state on the phone, once it fulfils the condition.
async fn chat_until(sim: &Sim, with: &str, condition: impl Fn(&Value) -> bool) -> Value {
    sim.until(&format!("/admin/accounts/{ANA}/app-state"), |answer| {
        let chats = answer["chats"].as_array()?;
        chats.iter().find(|chat| chat["with"] == with && condition(chat)).cloned()
    })
    .await
}

/// Whether a pin of this chat came, and with a full sync.
fn pin(event: &Event, chat: &Jid) -> Option<(bool, bool)> {
    match event {
        Event::PinUpdate(update) if update.jid == *chat => {
            Some((update.action.pinned == Some(true), update.from_full_sync))
        }
        _ => None,
    }
}

/// Waits for an event that a change of app state brings. The client lets a notification pass while it is still busy with
/// the same collection, and takes what it missed with the next one; so the phone changes something else from time to
/// time.
pub(crate) async fn heard<T>(
    sim: &Sim,
    client: &Client,
    what: &str,
    find: impl Fn(&Event) -> Option<T>,
) -> T {
    sim.contact(NUDGE).await;
    for nudges in 0..60 {
        let patience = Duration::from_millis(1500);
        if let Ok(found) = tokio::time::timeout(patience, client.event(what, &find)).await {
            return found;
        }
        let on = nudges % 2 == 0;
        let nudge = json!({"with": NUDGE, "mute": on, "archive": on, "name": format!("{nudges}")});
        change(sim, json!({"chats": [nudge]})).await;
    }
    panic!("{what} never came")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_phone_changes_reaches_its_companions_at_once() {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    let ana = Client::paired(&sim, ANA).await;
    sim.send_as(CAIO, ANA, "oi").await;
    ana.text("oi").await;
    let caio = lid(&sim, CAIO).await;
    let body =
        json!({"chats": [{"with": CAIO, "pin": true, "archive": true, "mute": true, "name": "Caio Prado"}]});
    let state = change(&sim, body).await;
    assert_eq!(state["chats"][0]["pinned"], true);
    assert!(heard(&sim, &ana, "the pin", |event| pin(event, &caio)).await.0);
    heard(&sim, &ana, "the archive", |event| match event {
        Event::ArchiveUpdate(update) if update.jid == caio => {
            (update.action.archived == Some(true) && update.action.message_range.is_set()).then_some(())
        }
        _ => None,
    })
    .await;
    let until = heard(&sim, &ana, "the mute", |event| match event {
        Event::MuteUpdate(update) if update.jid == caio => Some(update.action.mute_end_timestamp),
        _ => None,
    })
    .await;
    assert_eq!(until, Some(-1));
    let name = heard(&sim, &ana, "the name", |event| match event {
        Event::ContactUpdate(update) if update.jid == Jid::pn(CAIO) => {
            Some((update.action.full_name.clone(), update.action.lid_jid.clone()))
        }
        _ => None,
    })
    .await;
    assert_eq!(name, (Some("Caio Prado".to_owned()), Some(caio.to_string())));

    change(&sim, json!({"chats": [{"with": CAIO, "read": false}]})).await;
    let read = |wanted: bool| {
        let caio = caio.clone();
        move |event: &Event| match event {
            Event::MarkChatAsReadUpdate(update) if update.jid == caio => {
                (update.action.read == Some(wanted)).then_some(())
            }
            _ => None,
        }
    };
    heard(&sim, &ana, "the mark as unread", read(false)).await;
    change(&sim, json!({"chats": [{"with": CAIO, "read": true, "pin": false}]})).await;
    heard(&sim, &ana, "the mark as read", read(true)).await;
    heard(&sim, &ana, "the end of the pin", |event| pin(event, &caio).filter(|(pinned, _)| !pinned)).await;
    change(&sim, json!({"chats": [{"with": CAIO, "delete": true}], "push_name": "Ana Lima"})).await;
    heard(&sim, &ana, "the deletion", |event| {
        matches!(event, Event::DeleteChatUpdate(update) if update.jid == caio).then_some(())
    })
    .await;
    let name = heard(&sim, &ana, "the new name", |event| match event {
        Event::SelfPushNameUpdated(update) => Some(update.new_name.clone()),
        _ => None,
    })
    .await;
    assert_eq!(name, "Ana Lima");
    // Every notification was confirmed.
    sim.device_until(ANA, |device| device["queued"] == 0).await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_companion_gets_it_all_from_a_snapshot_and_patches() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    let mut names = Vec::new();
    for nth in 0..60 {
        let number = format!("55319777{nth:05}");
        sim.contact(&number).await;
        names.push(json!({"with": number, "name": format!("Contato {nth}"), "pin": nth < 3}));
    }
    change(&sim, json!({"chats": names})).await;
    // One patch after the snapshot.
    let state = change(&sim, json!({"chats": [{"with": "5531977700001", "name": "Outro nome"}]})).await;
    assert_eq!(state["collections"]["critical_unblock_low"], json!({"version": 2, "records": 60}));
    let ana = Client::paired(&sim, ANA).await;
    heard(&sim, &ana, "the new name", |event| match event {
        Event::ContactUpdate(update) if update.jid == Jid::pn("5531977700001") => {
            (update.action.full_name.as_deref() == Some("Outro nome")).then_some(())
        }
        _ => None,
    })
    .await;
    let pinned = lid(&sim, "5531977700002").await;
    assert_eq!(heard(&sim, &ana, "the pin", |event| pin(event, &pinned)).await, (true, true));
    let contacts =
        ana.count(|event| matches!(event, Event::ContactUpdate(update) if update.jid != Jid::pn(NUDGE)));
    assert_eq!(contacts, 61);
    let stats = sim.get("/admin/stats").await;
    assert!(stats["stats"]["media"]["downloads"].as_u64() >= Some(2), "{stats}");
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_companion_changes_is_on_the_phone_and_at_the_others() {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    let ana = Client::paired(&sim, ANA).await;
    let second = Client::paired(&sim, ANA).await;
    let caio = lid(&sim, CAIO).await;
    let id = sim.send_as(CAIO, ANA, "oi").await;
    ana.text("oi").await;
    let client = ana.inner();
    client.chat_actions().pin_chat(&caio).await.unwrap();
    let state = chat_until(&sim, CAIO, |chat| chat["pinned"] == true).await;
    assert_eq!(state["muted_until"], Value::Null);
    assert!(heard(&sim, &second, "the pin", |event| pin(event, &caio)).await.0);
    client.chat_actions().mute_chat(&caio).await.unwrap();
    client.chat_actions().archive_chat(&caio, None).await.unwrap();
    client.chat_actions().mark_chat_as_read(&caio, false, None).await.unwrap();
    let state = chat_until(&sim, CAIO, |chat| chat["marked_unread"] == true).await;
    assert_eq!((&state["muted_until"], &state["archived"]), (&json!(-1), &json!(true)));
    client.chat_actions().unpin_chat(&caio).await.unwrap();
    client.chat_actions().unmute_chat(&caio).await.unwrap();
    client.chat_actions().unarchive_chat(&caio, None).await.unwrap();
    client.chat_actions().mark_chat_as_read(&caio, true, None).await.unwrap();
    let state = chat_until(&sim, CAIO, |chat| chat["marked_unread"] == false).await;
    let expected = json!({
        "with": CAIO, "pinned": false, "archived": false, "muted_until": null, "marked_unread": false, "name": null,
    });
    assert_eq!(state, expected);
    client.chat_actions().star_message(&caio, None, &id, false).await.unwrap();
    let history = sim.get(&format!("/admin/accounts/{ANA}/history?with={CAIO}")).await;
    assert_eq!(history["chats"][0]["messages"][0]["starred"], true);
    assert_eq!(history["chats"][0]["unread"], 0);
    client.profile().set_push_name("Ana Maria").await.unwrap();
    let path = format!("/admin/accounts/{ANA}/app-state");
    sim.until(&path, |answer| (answer["push_name"] == "Ana Maria").then_some(())).await;
    // The second one, too, can build on it; and what both do at once is done.
    let (one, other) = (ana.inner(), second.inner());
    let dora = Jid::pn(DORA);
    sim.contact(DORA).await;
    for _ in 0..5 {
        let (one, other) = (one.chat_actions(), other.chat_actions());
        let (pinned, archived) = tokio::join!(one.pin_chat(&dora), other.archive_chat(&dora, None));
        pinned.unwrap();
        archived.unwrap();
    }
    let state = chat_until(&sim, DORA, |chat| chat["archived"] == true).await;
    assert_eq!(state["pinned"], true);
    let state = sim.get(&format!("/admin/accounts/{ANA}/app-state")).await;
    assert_eq!(state["refused"], 0);
    ana.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_companion_lacks_is_asked_for_and_shared() {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    let ana = Client::paired(&sim, ANA).await;
    let caio = lid(&sim, CAIO).await;
    change(&sim, json!({"rotate_key": true, "chats": [{"with": CAIO, "pin": true}]})).await;
    assert!(heard(&sim, &ana, "the pin", |event| pin(event, &caio)).await.0);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_api_refuses_changes_that_make_no_sense() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    sim.contact(CAIO).await;
    let path = format!("/admin/accounts/{ANA}/app-state");
    for (body, status) in [
        (json!({"chats": [{"with": "5511000000000", "pin": true}]}), 404),
        (json!({"chats": [{"with": CAIO, "star": {"id": "3A00"}}]}), 404),
        (json!({"chats": [{"with": CAIO, "pinn": true}]}), 422),
    ] {
        assert_eq!(sim.call(reqwest::Method::POST, &path, Some(body.clone())).await.0, status, "{body}");
    }
    assert_eq!(sim.get(&path).await["actions"], json!([]));
}
