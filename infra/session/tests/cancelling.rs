//! A send can be taken back until it is written, and is then never written.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::LinkState;
use carteiro_core::ports::{Applied, Clock, Sends};
use carteiro_core::send::{Status, Step};
use carteiro_core::testing::MemorySends;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use world::{SlowSends, World, sender};

#[tokio::test(start_paused = true)]
async fn whenever_it_is_cancelled_a_send_is_taken_back_or_written_and_never_both() {
    let (mut taken_back, mut too_late) = (0, 0);
    for seed in 0..20 {
        let sends = Arc::<MemorySends>::default();
        let world = World::with_sends(sends.clone(), Arc::new(SlowSends::new(sends, seed)));
        world.paired(&sender()).await;
        let task = world.start();
        world.until_state(LinkState::Connected).await;
        let mut ids = Vec::new();
        for n in 0..20 {
            ids.push(world.send(&n.to_string()).await);
        }
        let mut expected: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        // From the second half on and back: some are being read, taken or written at that very moment.
        for n in (0..20).rev().step_by(2) {
            sleep(Duration::from_millis(1 + (seed * 7 + n) % 23)).await;
            let id = ids[usize::try_from(n).unwrap()];
            match world.sends.apply(id, &Step::Cancel, world.clock.now()).await.unwrap() {
                Applied::Moved => {
                    taken_back += 1;
                    expected.retain(|text| *text != n.to_string());
                }
                _ => too_late += 1,
            }
        }
        world
            .until("all are at their end", |world| {
                ids.iter().all(|id| matches!(world.status(*id), Status::Sent | Status::Cancelled))
            })
            .await;
        world.until("the queue is empty", |world| world.queues.is_empty()).await;
        assert_eq!(world.whatsapp.shown(), expected, "seed {seed}");
        task.stop().await;
    }
    assert!(
        taken_back > 20 && too_late > 20,
        "{taken_back} taken back, {too_late} too late: it shows nothing"
    );
}
