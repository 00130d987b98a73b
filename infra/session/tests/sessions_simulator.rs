//! V1 sessions over the real engine and the simulator; only the stores are in memory:
//! `cargo test -p carteiro-session --features simulator --test sessions_simulator`.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::chat::Address;
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::number::{LinkState, NumberChange, OwnedNumber, Role};
use carteiro_core::ports::{ChatReader, Numbers};
use carteiro_core::send::Status;
use carteiro_core::session::PairingState;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{Desk, recipient, sender, session};

/// Has the sender's phone scan the QR of a pairing, once there is one.
async fn scan(desk: &Desk, pairing: PairingId) {
    desk.world.until_pairing(pairing, PairingState::Waiting).await;
    let code = desk.world.pairings.peek(pairing).unwrap().qr.unwrap().code;
    let url = format!("{}/admin/mock-phone/scan-qr?number={}", desk.simulator.admin_url(), sender().digits());
    let answer = desk.http.post(url).body(code.expose_secret().to_owned()).send().await.unwrap();
    assert!(answer.status().is_success());
}

/// How many devices the sender's phone has linked.
async fn devices(desk: &Desk) -> usize {
    let all = desk.get("/admin/devices").await;
    let own = |device: &&Value| device["number"] == sender().digits() && device["paired"] == true;
    all["devices"].as_array().unwrap().iter().filter(own).count()
}

/// Waits until the sender has that many chats.
async fn until_chats(desk: &Desk, count: usize) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let chats = desk.world.chats.chats(&sender(), None, 100).await.unwrap().items.len();
        if chats == count {
            return;
        }
        assert!(Instant::now() < end, "{chats} of {count} chats");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_session_pairs_without_a_number_sends_and_is_paired_anew() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    let first = desk.world.authenticate(&session()).await;
    scan(&desk, first).await;
    desk.world.until_pairing(first, PairingState::Paired(sender())).await;
    desk.world.until_state(LinkState::Connected).await;
    assert_eq!(desk.world.number_of(&session()), Some(sender()));
    let id = desk.world.send("texto 0").await;
    desk.world.until_status(id, Status::Delivered).await;
    assert_eq!(devices(&desk).await, 1);

    // The same phone scans for another session: it has one device of ours, and the older session has no number any more.
    let other = "outra".parse().unwrap();
    let second = desk.world.authenticate(&other).await;
    scan(&desk, second).await;
    desk.world.until_pairing(second, PairingState::Paired(sender())).await;
    desk.world.until("the number has moved", |world| world.number_of(&other) == Some(sender())).await;
    assert_eq!(desk.world.number_of(&session()), None);
    desk.world
        .until("the device is adopted", |world| world.links.peek(&sender()).unwrap().adopts.is_none())
        .await;
    desk.world.until_state(LinkState::Connected).await;
    assert_eq!(devices(&desk).await, 1);
    let id = desk.world.send("texto 1").await;
    desk.world.until_status(id, Status::Delivered).await;
    assert_eq!(desk.shown(2).await, ["texto 0", "texto 1"]);
    task.stop().await;
}

#[tokio::test]
async fn the_phone_of_another_tenant_has_no_device_of_ours_afterwards() {
    let desk = Desk::new().await;
    let (other, worker) = (UserId::from_random([8; 16]), OwnedNumber { phone: sender(), role: Role::Worker });
    let add = NumberChange::Add(worker, desk.world.shard(&sender()));
    desk.world.numbers.apply(other, &[add], 1).await.unwrap();
    let task = desk.world.start();
    let pairing = desk.world.authenticate(&session()).await;
    scan(&desk, pairing).await;
    desk.world.until_pairing(pairing, PairingState::Taken(sender())).await;
    assert_eq!(devices(&desk).await, 0);
    assert_eq!(desk.world.states.size_of(&pairing.into()).0, 0);
    task.stop().await;
}

#[tokio::test]
async fn killed_right_after_the_scan_was_reported_the_phone_has_one_device_and_sends() {
    for moment in [0, 40] {
        let desk = Desk::new().await;
        let task = desk.world.start();
        let pairing = desk.world.authenticate(&session()).await;
        scan(&desk, pairing).await;
        desk.world
            .until("it is reported", |world| world.pairing_state(pairing) != PairingState::Waiting)
            .await;
        sleep(Duration::from_millis(moment)).await;
        task.kill().await;
        let task = desk.world.start();
        desk.world.until_pairing(pairing, PairingState::Paired(sender())).await;
        desk.world.until_state(LinkState::Connected).await;
        assert_eq!(devices(&desk).await, 1);
        let id = desk.world.send("texto 0").await;
        desk.world.until_status(id, Status::Delivered).await;
        task.stop().await;
    }
}

#[tokio::test]
async fn what_comes_with_a_device_reaches_its_number() {
    let desk = Desk::new().await;
    let account = format!("/admin/accounts/{}", sender().digits());
    desk.post(&format!("{account}/history"), json!({"generate": {"chats": 3, "messages": 4}})).await;
    // A business is named when it is linked, which must not keep the first synchronisation away.
    desk.post(&format!("{account}/profile"), json!({"business": "Loja da Ana"})).await;
    let named = json!({"chats": [{"with": recipient().digits(), "name": "Ana da Padaria"}]});
    desk.post(&format!("{account}/app-state"), named).await;
    let task = desk.world.start();
    let pairing = desk.world.authenticate(&session()).await;
    scan(&desk, pairing).await;
    desk.world.until_pairing(pairing, PairingState::Paired(sender())).await;
    until_chats(&desk, 3).await;
    let (person, end) = (Address::of_phone(&recipient()), Instant::now() + Duration::from_secs(60));
    loop {
        let found = desk.world.chats.contacts_of(&sender(), std::slice::from_ref(&person)).await.unwrap();
        if found.iter().any(|contact| contact.name.as_deref() == Some("Ana da Padaria")) {
            break;
        }
        assert!(Instant::now() < end, "the app state has not come");
        sleep(Duration::from_millis(20)).await;
    }
    task.stop().await;
}

#[tokio::test]
async fn history_that_is_slow_to_fetch_reaches_the_number_that_was_paired() {
    let desk = Desk::new().await;
    let account = format!("/admin/accounts/{}", sender().digits());
    desk.post(&format!("{account}/history"), json!({"generate": {"chats": 3, "messages": 4}})).await;
    desk.fault(json!({"kind": "slow_media", "delay_ms": 3000})).await;
    let task = desk.world.start();
    let pairing = desk.world.authenticate(&session()).await;
    scan(&desk, pairing).await;
    desk.world.until_pairing(pairing, PairingState::Paired(sender())).await;
    until_chats(&desk, 3).await;
    task.stop().await;
}
