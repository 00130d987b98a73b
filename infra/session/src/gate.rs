//! A session's way to its state, which is shut when the session is over.

use crate::fence::Fence;
use async_trait::async_trait;
use carteiro_core::ports::{StateError, StateKey, StateWrite, WhatsAppState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::RwLock;

/// Lets nothing be written once it is shut. The library's tasks may outlive their session by minutes; a late write of theirs
/// would bring an erased device back, or overwrite keys that the next session has used. Past the fence, nothing goes to WhatsApp
/// either, whatever the session had in its queues when the process stood still.
pub struct Gate {
    state: Arc<dyn WhatsAppState>,
    fence: Arc<Fence>,
    shut: AtomicBool,
    passing: RwLock<()>,
}

impl Gate {
    /// An open gate before `state`, which is held as long as `fence` is open.
    pub fn new(state: Arc<dyn WhatsAppState>, fence: Arc<Fence>) -> Self {
        Self { state, fence, shut: AtomicBool::new(false), passing: RwLock::new(()) }
    }

    /// Refuses what is written from now on as [`StateError::Fenced`].
    pub fn shut(&self) {
        self.shut.store(true, Ordering::Release);
    }

    /// Shuts the gate and waits until what has passed it is written, or was refused.
    pub async fn finish(&self) {
        self.shut();
        drop(self.passing.write().await);
    }
}

#[async_trait]
impl WhatsAppState for Gate {
    async fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        self.state.get(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError> {
        self.state.list(prefix).await
    }

    async fn commit(&self, writes: Vec<StateWrite>) -> Result<(), StateError> {
        let _passing = self.passing.read().await;
        if self.shut.load(Ordering::Acquire) {
            return Err(StateError::Fenced);
        }
        self.state.commit(writes).await
    }

    fn is_held(&self) -> bool {
        self.fence.is_open() && !self.shut.load(Ordering::Acquire) && self.state.is_held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::Semaphore;
    use tokio::time::timeout;

    /// A state whose writes end when the test lets them.
    struct Slow(Semaphore);

    #[async_trait]
    impl WhatsAppState for Slow {
        async fn get(&self, _: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
            Ok(None)
        }

        async fn list(&self, _: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError> {
            Ok(Vec::new())
        }

        async fn commit(&self, _: Vec<StateWrite>) -> Result<(), StateError> {
            self.0.acquire().await.map(|permit| permit.forget()).map_err(|_| StateError::Fenced)
        }
    }

    fn open() -> Arc<Fence> {
        let fence = Fence::closed(tokio::time::Instant::now());
        fence.move_to(Duration::from_secs(6));
        Arc::new(fence)
    }

    #[tokio::test(start_paused = true)]
    async fn the_state_is_held_until_the_lease_is_over() {
        let gate = Gate::new(Arc::new(Slow(Semaphore::new(0))), open());
        assert!(gate.is_held());
        tokio::time::advance(Duration::from_secs(6)).await;
        assert!(!gate.is_held(), "the process stood still for longer than its lease");
        let gate = Gate::new(Arc::new(Slow(Semaphore::new(0))), open());
        gate.shut();
        assert!(!gate.is_held());
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_passed_is_waited_for_and_nothing_passes_any_more() {
        let slow = Arc::new(Slow(Semaphore::new(0)));
        let gate = Arc::new(Gate::new(slow.clone(), open()));
        let writing = tokio::spawn({
            let gate = gate.clone();
            async move { gate.commit(Vec::new()).await }
        });
        tokio::task::yield_now().await;
        assert!(timeout(Duration::from_secs(1), gate.finish()).await.is_err(), "a write is under way");
        assert_eq!(gate.commit(Vec::new()).await, Err(StateError::Fenced));
        slow.0.add_permits(1);
        gate.finish().await;
        assert_eq!(writing.await.ok(), Some(Ok(())));
    }
}
