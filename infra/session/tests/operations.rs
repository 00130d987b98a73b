//! What an operator sees of the task: its metrics, its health, and that it is protected while somebody pairs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod world;

use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::send::Status;
use carteiro_core::session::PairingState;
use carteiro_engine::SessionEvent;
use carteiro_session::health;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, phone, sender, session};

const BY_CODE: Desired = Desired::Connected(PairingMethod::Code);

/// The latest value of a metric, by one of its dimensions.
fn told(world: &World, metric: &str, by: &str, value: &str) -> Option<f64> {
    world.metrics().flush();
    let lines = world.lines.metric(metric).into_iter().rev();
    lines.into_iter().find(|line| line[by] == value).and_then(|line| line[metric].as_f64())
}

/// Waits until a metric tells something, a minute at most by the paused clock. It is looked at once a second only, as every line
/// is read again each time.
async fn until_told(world: &World, metric: &str, by: &str, value: &str, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        if let Some(told) = told(world, metric, by, value).filter(|told| holds(*told)) {
            return told;
        }
        sleep(Duration::from_secs(1)).await;
    }
    panic!("{metric} of {value} is not told within a minute");
}

#[tokio::test(start_paused = true)]
async fn numbers_are_counted_by_their_state() {
    let world = World::new();
    world.paired(&sender()).await;
    world.paired(&phone("5511988886666")).await;
    let task = world.start();
    until_told(&world, "SessionsByState", "state", "connected", |count| count == 2.0).await;
    world.want(&sender(), Desired::Disconnected).await;
    until_told(&world, "SessionsByState", "state", "connected", |count| count == 1.0).await;
    assert_eq!(told(&world, "SessionsByState", "state", "offline"), Some(1.0));
    task.stop().await;
    let left = told(&world, "SessionsByState", "state", "connected");
    assert_eq!(left, Some(0.0), "a task that has ended has none");
}

#[tokio::test(start_paused = true)]
async fn refused_messages_are_counted_by_their_code() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.whatsapp.server().refusals.insert("olá".to_owned(), 479);
    let id = world.send("olá").await;
    world.until_status(id, Status::Failed).await;
    assert_eq!(told(&world, "NacksByCode", "code", "479"), Some(1.0));
    assert_eq!(
        world.lines.metric("Nacks").iter().filter_map(|line| line["Nacks"].as_f64()).sum::<f64>(),
        1.0
    );
}

#[tokio::test(start_paused = true)]
async fn a_shard_whose_owner_died_tells_for_how_long_it_had_none() {
    let world = World::new();
    let first = world.start();
    world.paired(&sender()).await;
    world.until_state(LinkState::Connected).await;
    let _second = world.start();
    // Until the second has seen the first alive.
    sleep(Duration::from_secs(5)).await;
    first.kill().await;
    let took = until_told(&world, "TakeoverSeconds", "service", "session", |_| true).await;
    assert!((8.0..13.0).contains(&took), "{took}");
}

/// Sees a pairing that was asked for through.
async fn protected_until_it_is_connected(world: &World) {
    world.until_state(LinkState::Pairing).await;
    assert!(world.protection().is_wanted());
    world.whatsapp.scan(&sender(), &sender());
    world.until_state(LinkState::Connected).await;
    assert!(!world.protection().is_wanted());
}

#[tokio::test(start_paused = true)]
async fn the_task_is_protected_from_the_first_qr_until_the_number_is_connected() {
    let world = World::new();
    let _task = world.start();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    protected_until_it_is_connected(&world).await;
}

#[tokio::test(start_paused = true)]
async fn the_task_is_protected_while_a_code_waits_to_be_typed() {
    let world = World::new();
    let _task = world.start();
    world.want(&sender(), BY_CODE).await;
    world.until_state(LinkState::Pairing).await;
    sleep(Duration::from_secs(170)).await;
    assert!(world.protection().is_wanted());
    world.until_state(LinkState::CodeExpired).await;
    assert!(!world.protection().is_wanted(), "nobody typed it");
    world.want(&sender(), BY_CODE).await;
    protected_until_it_is_connected(&world).await;
}

/// Another one's would be a new QR, and the scan of this one lost.
#[tokio::test(start_paused = true)]
async fn a_shard_stays_with_its_task_while_somebody_pairs_in_it() {
    let world = World::new();
    let _first = world.start();
    world.until("it has all", |world| world.leases.load() == [4]).await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    let (mut shards, mut pairings) = (BTreeSet::from([world.shard(&sender())]), Vec::new());
    while shards.len() < 4 {
        let name = format!("Recepção {}", pairings.len()).parse().unwrap();
        let pairing = world.authenticate(&name).await;
        world.until_pairing(pairing, PairingState::Waiting).await;
        shards.insert(world.pairings.peek(pairing).unwrap().shard);
        pairings.push(pairing);
    }
    let _second = world.start();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.leases.load().iter().max(), Some(&4), "{:?}", world.leases.load());
    world.whatsapp.scan(&sender(), &sender());
    for pairing in pairings {
        world.whatsapp.tell_owner(&pairing.into(), SessionEvent::PairingTimedOut);
    }
    world.until("each has its half", |world| world.leases.load() == [2, 2]).await;
    world.until_state(LinkState::Connected).await;
}

#[tokio::test(start_paused = true)]
async fn the_task_is_protected_until_the_pairing_of_a_session_is_over() {
    let world = World::new();
    let _task = world.start();
    let pairing = world.authenticate(&session()).await;
    world.until_pairing(pairing, PairingState::Waiting).await;
    assert!(world.protection().is_wanted());
    world.whatsapp.tell_owner(&pairing.into(), SessionEvent::PairingTimedOut);
    world.until_pairing(pairing, PairingState::Expired).await;
    world.until("nobody pairs", |world| !world.protection().is_wanted()).await;
    let pairing = world.authenticate(&session()).await;
    world.until_pairing(pairing, PairingState::Waiting).await;
    world.links.switch.fail_in("adopt");
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.until_pairing(pairing, PairingState::Linking(sender())).await;
    sleep(Duration::from_secs(30)).await;
    assert!(world.protection().is_wanted(), "the device is on its way to its number");
    world.links.switch.recover();
    world.until_pairing(pairing, PairingState::Paired(sender())).await;
    world.until_state(LinkState::Connected).await;
    world.until("nobody pairs", |world| !world.protection().is_wanted()).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_falls_silent_is_counted_and_what_was_written_into_it_is_written_anew() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().silent = true;
    let id = world.send("olá").await;
    world.until("it is written", |world| world.whatsapp.server().wire.len() == 1).await;
    world.whatsapp.server().silent = false;
    world.whatsapp.fall_silent(&sender());
    world.until_state(LinkState::Reconnecting).await;
    assert_eq!(world.links.peek(&sender()).unwrap().reason, None);
    assert_eq!(told(&world, "SilentSessions", "service", "session"), Some(1.0));
    world.until_state(LinkState::Connected).await;
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.server().wire.len(), 2);
    assert_eq!(world.whatsapp.shown(), ["olá"]);
    assert_eq!(world.whatsapp.server().starts, 1, "the session is the same");
    world.whatsapp.cut(&sender());
    world.until_state(LinkState::Reconnecting).await;
    assert_eq!(told(&world, "SilentSessions", "service", "session"), Some(0.0), "none since");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_wrong_with_a_task_that_runs_and_one_that_ends_says_so() {
    let world = World::new();
    world.paired(&sender()).await;
    let task = world.start();
    world.until_state(LinkState::Connected).await;
    sleep(Duration::from_secs(120)).await;
    assert!(world.health().reasons().is_empty(), "{:?}", world.health().reasons());
    task.stop().await;
    let codes: Vec<&str> = world.health().reasons().iter().map(|reason| reason.code).collect();
    assert!(codes.contains(&"STOPPING"), "{codes:?}");
    assert_eq!(world.health().report().status, health::Status::Degraded, "it ends by itself");
}
