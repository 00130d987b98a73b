//! Devices that are logged out, and numbers that are paired anew.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::{Desired, LinkState, PairingMethod};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{Task, World, sender};

const BY_QR: Desired = Desired::Connected(PairingMethod::Qr);

/// A connected number with a device in its state.
async fn connected() -> (World, Task) {
    let world = World::new();
    let task = world.start();
    world.want(&sender(), BY_QR).await;
    world.until_state(LinkState::Pairing).await;
    world.whatsapp.scan(&sender(), &sender());
    world.until_state(LinkState::Connected).await;
    assert!(world.whatsapp.writes_device(&sender()).await);
    (world, task)
}

/// Watches the link until it is `end`, and sees that it never is `never` before.
async fn reaches_without(world: &World, end: LinkState, never: LinkState) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let state = world.link_state(&sender()).unwrap();
        assert_ne!(state, never);
        if state == end {
            return;
        }
        assert!(Instant::now() < deadline, "it stays {state:?}");
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_out_is_told_once_the_state_is_erased() {
    let (world, _task) = connected().await;
    world.states.set_unavailable(&sender(), true);
    world.whatsapp.unlink(&sender());
    let end = Instant::now() + Duration::from_secs(40);
    while Instant::now() < end {
        assert_ne!(world.link_state(&sender()), Some(LinkState::LoggedOut), "the device is still there");
        sleep(Duration::from_millis(50)).await;
    }
    world.states.set_unavailable(&sender(), false);
    world.until_state(LinkState::LoggedOut).await;
    assert_eq!(world.states.size(&sender()).0, 0);
    let link = world.links.peek(&sender()).unwrap();
    assert_eq!(link.jid, None);
}

#[tokio::test(start_paused = true)]
async fn a_log_out_is_not_told_after_a_new_wish_to_connect() {
    let (world, _task) = connected().await;
    world.states.set_unavailable(&sender(), true);
    world.whatsapp.unlink(&sender());
    sleep(Duration::from_millis(50)).await;
    world.want(&sender(), BY_QR).await;
    let (states, number) = (world.states.clone(), sender());
    tokio::spawn(async move {
        sleep(Duration::from_secs(5)).await;
        states.set_unavailable(&number, false);
    });
    reaches_without(&world, LinkState::Pairing, LinkState::LoggedOut).await;
    world.until("the command is deleted", |world| world.queues.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_ended_writes_nothing_any_more() {
    let (world, _task) = connected().await;
    world.whatsapp.unlink(&sender());
    world.until_state(LinkState::LoggedOut).await;
    assert!(!world.whatsapp.writes_device(&sender()).await, "else the device would be there again");
    world.want(&sender(), BY_QR).await;
    world.until_state(LinkState::Pairing).await;
    assert!(world.whatsapp.writes_device(&sender()).await, "the next session writes");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_unlinked_while_it_was_offline_is_paired_anew_at_once() {
    let (world, _task) = connected().await;
    world.want(&sender(), Desired::Disconnected).await;
    world.until_state(LinkState::Offline).await;
    world.whatsapp.server().paired.clear();
    world.want(&sender(), BY_QR).await;
    reaches_without(&world, LinkState::Pairing, LinkState::LoggedOut).await;
    assert!(world.links.peek(&sender()).unwrap().jid.is_none());
    assert_eq!(world.whatsapp.server().starts, 3);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_unlinked_while_no_task_ran_is_logged_out() {
    let (world, task) = connected().await;
    task.stop().await;
    world.whatsapp.server().paired.clear();
    let _task = world.start();
    world.until_state(LinkState::LoggedOut).await;
    sleep(Duration::from_secs(600)).await;
    assert_eq!(world.whatsapp.server().starts, 2, "nobody asked for a pairing");
}
