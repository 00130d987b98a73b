//! Stores and queues that do not answer for a while.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::send::Status;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, sender};

#[tokio::test(start_paused = true)]
async fn links_that_cannot_be_read_delay_the_start_and_sends_are_held() {
    let world = World::new();
    world.paired(&sender()).await;
    let id = world.send("olá").await;
    world.links.switch.fail();
    let _task = world.start();
    sleep(Duration::from_secs(50)).await;
    assert_eq!((world.whatsapp.server().starts, world.sends.count_parked()), (0, 0));
    world.links.switch.recover();
    world.until_status(id, Status::Sent).await;
}

#[tokio::test(start_paused = true)]
async fn a_state_that_cannot_be_reported_is_reported_later_and_holds_nothing_up() {
    let world = World::new();
    world.paired(&sender()).await;
    let task = world.start();
    world.until("it has started", |world| world.whatsapp.server().starts == 1).await;
    world.links.switch.fail();
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    assert_ne!(world.link_state(&sender()), Some(LinkState::Connected));
    world.links.switch.recover();
    world.until_state(LinkState::Connected).await;
    // Nor does a report that cannot be made keep the task from ending.
    world.links.switch.fail();
    let began = tokio::time::Instant::now();
    task.stop().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_answer_delays_and_doubles_nothing() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.queues.switch.fail();
    let first = world.send("a").await;
    sleep(Duration::from_secs(45)).await;
    assert_eq!(world.status(first), Status::Queued);
    world.queues.switch.recover();
    world.until_status(first, Status::Sent).await;
    // The outcome is stored, and the command cannot be deleted: it comes again and is found to be done.
    world.whatsapp.server().silent = true;
    let second = world.send("b").await;
    world.until("it is written", |world| world.whatsapp.server().wire.len() == 2).await;
    world.queues.switch.fail();
    world.whatsapp.receipt(
        &sender(),
        &[second.message_id().as_str().to_owned()],
        carteiro_engine::ReceiptKind::Delivered,
    );
    world.until_status(second, Status::Delivered).await;
    sleep(Duration::from_secs(60)).await;
    world.queues.switch.recover();
    world.within(120, "the command is deleted", |world| world.queues.is_empty()).await;
    assert_eq!(world.whatsapp.server().wire.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_number_wanted_during_an_outage_is_connected_after_it() {
    let world = World::new();
    let _task = world.start();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.links.switch.fail();
    sleep(Duration::from_secs(120)).await;
    world.links.switch.recover();
    world.until_state(LinkState::Pairing).await;
    world.until("the command is deleted", |world| world.queues.is_empty()).await;
}
