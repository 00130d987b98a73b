//! The whole task: one run of leases after the other until it is told to stop.

use crate::health::Health;
use crate::lease_loop::{End, LeaseLoop};
use crate::shared::Shared;
use carteiro_core::lease::TaskId;
use carteiro_core::ports::Random;
use carteiro_core::shard::ShardCount;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// How long to wait before starting anew after a fence.
const ANEW: Duration = Duration::from_secs(1);

/// Runs until `stop` names the time by which what is held must be finished. A run that is fenced is followed by another one
/// under another id.
pub async fn run(
    shared: Arc<Shared>,
    health: Arc<Health>,
    random: Arc<dyn Random>,
    count: ShardCount,
    stop: watch::Receiver<Option<Instant>>,
) {
    loop {
        let task = TaskId::from_random(random.bytes());
        let end = LeaseLoop::new(shared.clone(), health.clone(), task, count).run(stop.clone()).await;
        if end == End::Stopped || stop.borrow().is_some() {
            return;
        }
        sleep(ANEW).await;
    }
}
