//! A task that is told to end while commands come.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::LinkState;
use carteiro_core::send::Status;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use world::{World, sender};

/// Less than a command that nobody gives back stays invisible.
const SOON: Duration = Duration::from_secs(5);
/// How long a number may be without a connection when its task ends in order and there is another one.
const MOVED: Duration = Duration::from_secs(3);

#[tokio::test(start_paused = true)]
async fn a_send_that_comes_while_the_task_leaves_goes_out_from_the_next_one_at_once() {
    let world = World::new();
    world.queues.absent_minded.store(true, Ordering::Relaxed);
    world.paired(&sender()).await;
    let task = world.start();
    world.until_state(LinkState::Connected).await;
    let first = world.send("antes").await;
    world.until_status(first, Status::Sent).await;
    let began = Instant::now();
    task.stop().await;
    let last = world.send("depois").await;
    let next = world.start();
    world.until_status(last, Status::Sent).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    next.stop().await;
    assert!(world.queues.is_empty(), "what woke the receives is deleted");
}

#[tokio::test(start_paused = true)]
async fn sends_that_the_task_holds_go_out_from_the_next_one_at_once_and_in_order() {
    let world = World::new();
    world.queues.absent_minded.store(true, Ordering::Relaxed);
    world.paired(&sender()).await;
    let task = world.start();
    world.until_state(LinkState::Connected).await;
    world.whatsapp.server().unreachable = true;
    world.whatsapp.cut(&sender());
    let texts: Vec<String> = (0..10).map(|n| format!("texto {n}")).collect();
    let mut ids = Vec::new();
    for text in &texts {
        ids.push(world.send(text).await);
    }
    world.until("the first is held", |world| world.queues.most_receives() == 1).await;
    task.stop().await;
    world.whatsapp.server().unreachable = false;
    let began = Instant::now();
    let next = world.start();
    world.until("all are sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert_eq!(world.whatsapp.shown(), texts);
    next.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_answer_holds_the_end_up_for_no_more_than_seconds() {
    let world = World::new();
    world.paired(&sender()).await;
    let task = world.start();
    world.until_state(LinkState::Connected).await;
    world.queues.switch.fail();
    let began = Instant::now();
    task.stop().await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn within_three_seconds_of_being_told_the_other_task_has_everything_and_the_number_is_connected() {
    // Wherever the other one is between two looks at the leases.
    for wait in (0..1_000).step_by(50) {
        let (world, task, other) = World::shared_by_two(Duration::from_millis(wait)).await;
        let logins = world.whatsapp.server().logins.len();
        let told = Instant::now();
        task.stop().await;
        world
            .until("it is connected with the other one", |world| {
                let again = world.whatsapp.server().logins.len() > logins;
                let connected = world.link_state(&sender()) == Some(LinkState::Connected);
                again && connected && world.leases.load() == [4]
            })
            .await;
        assert!(told.elapsed() <= MOVED, "{:?} after {wait} ms", told.elapsed());
        assert_eq!(world.whatsapp.server().logins.len(), logins + 1);
        other.stop().await;
    }
}
