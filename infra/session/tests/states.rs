//! What a number's link tells: pairing by code, restrictions, bans, passkeys.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::send::{Failure, Status};
use carteiro_engine::{QrCode, SessionEvent};
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::time::sleep;
use world::{Task, World, phone, recipient, sender};

const BY_QR: Desired = Desired::Connected(PairingMethod::Qr);
const BY_CODE: Desired = Desired::Connected(PairingMethod::Code);

fn shown_code(world: &World) -> Option<String> {
    let link = world.links.peek(&sender())?;
    link.code.map(|code| code.code.expose_secret().to_owned())
}

async fn wanted_by_code() -> (World, Task) {
    let world = World::new();
    let task = world.start();
    world.want(&sender(), BY_CODE).await;
    (world, task)
}

#[tokio::test(start_paused = true)]
async fn a_number_pairs_by_a_code() {
    let (world, _task) = wanted_by_code().await;
    world.until("a code", |world| shown_code(world).as_deref() == Some("ABCD2341")).await;
    let link = world.links.peek(&sender()).unwrap();
    assert!(link.qr.is_none() && link.state == LinkState::Pairing);
    assert_eq!(world.whatsapp.server().codes_asked, [sender()]);
    let id = world.send("olá").await;
    world.whatsapp.scan(&sender(), &sender());
    world.until_status(id, Status::Sent).await;
    let link = world.links.peek(&sender()).unwrap();
    assert!(link.code.is_none() && link.state == LinkState::Connected);
}

#[tokio::test(start_paused = true)]
async fn a_pairing_under_way_changes_between_qr_and_code() {
    let world = World::new();
    let _task = world.start();
    let has_qr = |world: &World| world.links.peek(&sender()).is_some_and(|link| link.qr.is_some());
    world.want(&sender(), BY_QR).await;
    world.until("a QR", has_qr).await;
    world.want(&sender(), BY_CODE).await;
    world.until("a code", |world| shown_code(world).is_some()).await;
    assert!(!has_qr(&world));
    world.want(&sender(), BY_QR).await;
    world.until("the QR again", |world| has_qr(world) && shown_code(world).is_none()).await;
    world.want(&sender(), BY_CODE).await;
    world.until("the same code", |world| shown_code(world).as_deref() == Some("ABCD2341")).await;
    let server = world.whatsapp.server();
    assert_eq!((server.codes_asked.len(), server.starts), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_code_that_nobody_types_ends_the_pairing() {
    let (world, _task) = wanted_by_code().await;
    world.until("a code", |world| shown_code(world).is_some()).await;
    sleep(Duration::from_secs(170)).await;
    assert_eq!(world.link_state(&sender()), Some(LinkState::Pairing));
    world.until_state(LinkState::CodeExpired).await;
    assert_eq!((shown_code(&world), world.whatsapp.server().shutdowns), (None, 1));
    world.want(&sender(), BY_CODE).await;
    world.until("another code", |world| shown_code(world).as_deref() == Some("ABCD2342")).await;
}

#[tokio::test(start_paused = true)]
async fn a_void_code_is_replaced_unless_a_person_must_ask() {
    let (world, _task) = wanted_by_code().await;
    world.until("a code", |world| shown_code(world).is_some()).await;
    world.whatsapp.tell(&sender(), SessionEvent::CodeVoid { by_hand: false });
    world.until("another code", |world| shown_code(world).as_deref() == Some("ABCD2342")).await;
    world.whatsapp.tell(&sender(), SessionEvent::CodeVoid { by_hand: true });
    world.until_state(LinkState::CodeExpired).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_code_is_told_with_its_reason() {
    for (code, reason) in [(Some(429), Some("WHATSAPP_429")), (None, None)] {
        let world = World::new();
        let _task = world.start();
        world.whatsapp.server().code_refusals.extend([code; 2]);
        world.want(&sender(), BY_CODE).await;
        world.until_state(LinkState::CodeRefused).await;
        assert_eq!(world.links.peek(&sender()).unwrap().reason.as_deref(), reason);
        let forms = if code == Some(429) { 1 } else { 2 };
        assert_eq!(world.whatsapp.server().codes_asked.len(), forms);
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_asked_for_under_the_other_form_when_the_first_is_refused() {
    let world = World::new();
    let _task = world.start();
    world.whatsapp.server().code_refusals.push_back(Some(400));
    world.want(&sender(), BY_CODE).await;
    world.until("a code", |world| shown_code(world).is_some()).await;
    assert_eq!(world.whatsapp.server().codes_asked, [sender(), phone("551188887777")]);
}

#[tokio::test(start_paused = true)]
async fn a_code_does_not_show_where_a_qr_is_wanted() {
    let world = World::new();
    let _task = world.start();
    world.want(&sender(), BY_QR).await;
    world.until_state(LinkState::Pairing).await;
    let code = QrCode::new("ABCD2345".into());
    world.whatsapp.tell(&sender(), SessionEvent::Code { code, expires_in: Duration::from_secs(180) });
    sleep(Duration::from_secs(5)).await;
    assert_eq!(shown_code(&world), None);
}

#[tokio::test(start_paused = true)]
async fn a_passkey_that_is_asked_for_is_told() {
    for desired in [BY_QR, BY_CODE] {
        let world = World::new();
        let _task = world.start();
        world.want(&sender(), desired).await;
        world.until_state(LinkState::Pairing).await;
        world.whatsapp.tell(&sender(), SessionEvent::PasskeyRequired);
        world.until_state(LinkState::PasskeyAsked).await;
        let link = world.links.peek(&sender()).unwrap();
        assert!(link.qr.is_none() && link.code.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_ban_is_told_and_when_it_is_over_the_number_connects_again() {
    let (world, _task) = World::connected().await;
    let expires_in = Duration::from_secs(3600);
    world.whatsapp.tell(&sender(), SessionEvent::Banned { code: 101, expires_in });
    world.whatsapp.tell(&sender(), SessionEvent::Ended);
    world.until_state(LinkState::Banned).await;
    assert_eq!(world.links.peek(&sender()).unwrap().reason.as_deref(), Some("WHATSAPP_101"));
    let id = world.send("olá").await;
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    sleep(Duration::from_secs(3500)).await;
    assert_eq!(world.whatsapp.server().starts, 1, "not before");
    world.within(300, "it is sent", |world| world.status(id) == Status::Sent).await;
}

/// A number that was refused a chat with its usual recipient.
async fn restricted() -> (World, Task) {
    let (world, task) = World::connected().await;
    world.whatsapp.server().refusals.insert("novo".into(), 463);
    let id = world.send("novo").await;
    world.until_state(LinkState::Restricted).await;
    world.until_status(id, Status::Failed).await;
    assert_eq!(world.sends.peek(id).unwrap().failure, Some(Failure::Refused(463)));
    let link = world.links.peek(&sender()).unwrap();
    assert_eq!((link.reason.as_deref(), link.state.status()), (Some("WHATSAPP_463"), "conectado"));
    (world, task)
}

async fn sent_to(world: &World, number: &str) {
    let id = world.accept("oi", &phone(number)).await;
    world.command(id);
    world.until_status(id, Status::Sent).await;
}

#[tokio::test(start_paused = true)]
async fn a_restricted_number_goes_on_with_its_chats_and_is_free_once_a_new_one_is_taken() {
    let (world, _task) = restricted().await;
    world.whatsapp.server().chats.insert("14155550123@s.whatsapp.net".into());
    sent_to(&world, "14155550123").await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.link_state(&sender()), Some(LinkState::Restricted), "a known chat proves nothing");
    let begun = world.accept("oi", &phone("14155550199")).await;
    world.command(begun);
    world.within(1_900, "the probe is sent", |world| world.status(begun) == Status::Sent).await;
    world.until_state(LinkState::Connected).await;
    assert_eq!(world.links.peek(&sender()).unwrap().reason, None);
}

#[tokio::test(start_paused = true)]
async fn a_recipient_that_was_refused_and_is_taken_now_frees_the_number_too() {
    let (world, _task) = restricted().await;
    // The refused try left a Signal session.
    world.whatsapp.server().chats.insert(format!("{}@s.whatsapp.net", recipient().digits()));
    sent_to(&world, recipient().digits()).await;
    world.until_state(LinkState::Connected).await;
}

#[tokio::test(start_paused = true)]
async fn a_restriction_outlives_connections_and_tasks() {
    let (world, task) = restricted().await;
    world.whatsapp.cut(&sender());
    world.until_state(LinkState::Reconnecting).await;
    world.until_state(LinkState::Restricted).await;
    task.stop().await;
    assert_eq!(world.link_state(&sender()), Some(LinkState::Reconnecting));
    let task = world.start();
    world.until_state(LinkState::Restricted).await;
    task.kill().await;
    let _task = world.start();
    sleep(Duration::from_secs(30)).await;
    world.until_state(LinkState::Restricted).await;
    assert_eq!(world.whatsapp.server().starts, 3);
    let begun = world.accept("oi", &phone("14155550199")).await;
    world.command(begun);
    world.within(1_900, "the probe is sent", |world| world.status(begun) == Status::Sent).await;
    world.until_state(LinkState::Connected).await;
}
