//! What an operator sees of the task: its metrics, its health, and that it is protected while somebody pairs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod world;

use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::send::Status;
use carteiro_session::health;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, phone, sender};

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

#[tokio::test(start_paused = true)]
async fn the_task_is_protected_from_the_first_qr_until_the_number_is_connected() {
    let world = World::new();
    let _task = world.start();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    assert!(world.protection().is_wanted());
    world.whatsapp.scan(&sender(), &sender());
    world.until_state(LinkState::Connected).await;
    assert!(!world.protection().is_wanted());
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
