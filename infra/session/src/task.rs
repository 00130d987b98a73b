//! The whole task: one run of leases after the other until it is told to stop.

use crate::backoff::Backoff;
use crate::health::Health;
use crate::lease_loop::{End, LeaseLoop};
use crate::shared::Shared;
use carteiro_core::lease::TaskId;
use carteiro_core::ports::Random;
use carteiro_core::shard::ShardCount;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// How long to wait at most before starting anew after the first fence, and after many that followed each other.
const ANEW: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));
/// A run that kept its leases for so long was a good one: what it lost them to has nothing to do with what came before.
const GOOD: Duration = Duration::from_secs(120);

/// The waits between runs. They grow while leases are lost again and again: whoever takes shards reads all their sessions, and a store
/// that is too slow for heartbeats must not be kept slow by that. Peers take the shards over meanwhile.
struct Pauses(Backoff);

impl Pauses {
    fn new() -> Self {
        Self(Backoff::new(ANEW.0, ANEW.1))
    }

    /// After a run that was fenced when it had gone on for `lasted`.
    fn after(&mut self, lasted: Duration) -> Duration {
        if lasted >= GOOD {
            self.0.reset();
        }
        self.0.wait()
    }
}

/// Runs until `stop` names the time by which what is held must be finished. A run that is fenced is followed by another one
/// under another id.
pub async fn run(
    shared: Arc<Shared>,
    health: Arc<Health>,
    random: Arc<dyn Random>,
    count: ShardCount,
    stop: watch::Receiver<Option<Instant>>,
) {
    let mut pauses = Pauses::new();
    let mut told = stop.clone();
    loop {
        let began = Instant::now();
        let task = TaskId::from_random(random.bytes());
        let end = LeaseLoop::new(shared.clone(), health.clone(), task, count).run(stop.clone()).await;
        if end == End::Stopped || stop.borrow().is_some() {
            return;
        }
        let pause = pauses.after(began.elapsed());
        tracing::warn!(seconds = pause.as_secs_f32(), "starting anew after a pause");
        // Who is told to stop meanwhile has nothing left to finish.
        if timeout(pause, told.wait_for(Option::is_some)).await.is_ok() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_while_leases_are_lost_again_and_again_and_begin_anew_after_a_good_run() {
        let (mut pauses, short) = (Pauses::new(), Duration::from_secs(20));
        for most in [1, 2, 4, 8, 16, 20, 20].map(Duration::from_secs) {
            let pause = pauses.after(short);
            assert!(most / 2 <= pause && pause <= most, "{pause:?} of {most:?}");
        }
        assert!(pauses.after(GOOD) <= ANEW.0);
        assert!(pauses.after(short) >= ANEW.0, "and grow again");
    }
}
