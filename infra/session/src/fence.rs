//! Until when this task may write.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long to wait before a closed fence is looked at again.
const LOOK: Duration = Duration::from_secs(1);

/// The end of this run's leases, by its monotonic clock. The lease loop moves it with each good heartbeat, and an actor looks
/// at it right before it writes to the wire: a process that was stopped for a while finds out here, before anything else.
#[derive(Debug)]
pub struct Fence {
    start: Instant,
    until_ms: AtomicU64,
}

impl Fence {
    /// A fence that holds everything back until it is moved.
    pub fn closed(start: Instant) -> Self {
        Self { start, until_ms: AtomicU64::new(0) }
    }

    /// Lets writes through until `until` after the start.
    pub fn move_to(&self, until: Duration) {
        self.until_ms.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Lets nothing through any more.
    pub fn close(&self) {
        self.until_ms.store(0, Ordering::Release);
    }

    /// Whether writes may go through now.
    pub fn is_open(&self) -> bool {
        self.start.elapsed() < Duration::from_millis(self.until_ms.load(Ordering::Acquire))
    }

    /// Carries `work` on while the fence is open, and not one step further: a process that was stopped in the midst of it would else
    /// go on, for some milliseconds, with what another may have taken over since. Past the fence it waits to be ended, unless the
    /// fence is moved after all.
    pub async fn hold<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            let step = poll_fn(|context| match self.is_open() {
                true => work.as_mut().poll(context).map(Some),
                false => Poll::Ready(None),
            });
            match step.await {
                Some(output) => return output,
                None => sleep(LOOK).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, timeout};

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_goes_no_further_past_the_fence() {
        let fence = Fence::closed(Instant::now());
        fence.move_to(Duration::from_secs(6));
        assert_eq!(fence.hold(async { 1 }).await, 1);
        assert_eq!(fence.hold(sleep(Duration::from_secs(1))).await, ());
        let (mut steps, ten) = (0, Duration::from_secs(10));
        let two_steps = async {
            steps += 1;
            sleep(Duration::from_secs(1)).await;
            steps += 1;
        };
        let (ended, ()) = tokio::join!(timeout(ten, fence.hold(two_steps)), advance(Duration::from_secs(7)));
        assert!(ended.is_err());
        assert_eq!(steps, 1);
        let moved = async {
            advance(Duration::from_millis(10)).await;
            fence.move_to(Duration::from_secs(60));
        };
        let (output, ()) = tokio::join!(timeout(ten, fence.hold(async { 2 })), moved);
        assert_eq!(output, Ok(2), "a fence that is moved lets through again");
    }
}
