//! Whether a number's state can still be written, and by us.

use carteiro_core::ports::{StateError, WhatsAppState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::watch;
use wacore::store::error::StoreError;

/// Failures in a row after which the store counts as failing.
const FAILING_AFTER: u32 = 3;
/// The library's device saver gives up after this many failed saves in a row (`MAX_CONSECUTIVE_FAILURES` of its persistence
/// manager) and never saves again.
const SAVER_HALTS_AFTER: u32 = 10;

/// What is known of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Good,
    /// Several operations in a row failed.
    Failing,
    /// The library stopped saving the device: the session must be started anew.
    Halted,
    /// A later owner has the number.
    Fenced,
}

/// Watches the outcome of every operation on a number's state, and whether the state is ours still.
pub(crate) struct Health {
    state: Arc<dyn WhatsAppState>,
    level: watch::Sender<Level>,
    fenced: AtomicBool,
    failures: AtomicU32,
    failed_saves: AtomicU32,
}

impl Health {
    pub(crate) fn of(state: Arc<dyn WhatsAppState>) -> Self {
        Self {
            state,
            level: watch::Sender::new(Level::Good),
            fenced: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            failed_saves: AtomicU32::new(0),
        }
    }

    /// Follows the level.
    pub(crate) fn watch(&self) -> watch::Receiver<Level> {
        self.level.subscribe()
    }

    /// Whether a later owner has the number, or may have it: nothing may be written to the store or to the wire any more.
    pub(crate) fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::Acquire) || !self.state.is_held()
    }

    /// The error of what may not be written any more.
    pub(crate) fn refuse_if_fenced(&self) -> Result<(), StateError> {
        if self.is_fenced() { Err(StateError::Fenced) } else { Ok(()) }
    }

    /// An operation went well.
    pub(crate) fn worked(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.level.send_if_modified(|level| {
            let better = *level == Level::Failing;
            if better {
                *level = Level::Good;
            }
            better
        });
    }

    /// An operation failed; gives the error in the library's terms.
    pub(crate) fn failed(&self, error: StateError) -> StoreError {
        if error == StateError::Fenced {
            self.fenced.store(true, Ordering::Release);
            self.worsen(Level::Fenced);
        } else if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILING_AFTER {
            self.worsen(Level::Failing);
        }
        StoreError::Connection(Box::new(error))
    }

    /// Counts the saves of the device, as the library's saver does.
    pub(crate) fn device_saved(&self, well: bool) {
        if well {
            self.failed_saves.store(0, Ordering::Relaxed);
        } else if self.failed_saves.fetch_add(1, Ordering::Relaxed) + 1 >= SAVER_HALTS_AFTER {
            self.worsen(Level::Halted);
        }
    }

    fn worsen(&self, to: Level) {
        self.level.send_if_modified(|level| {
            let worse = to > *level;
            if worse {
                *level = to;
            }
            worse
        });
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use async_trait::async_trait;
    use carteiro_core::ports::{StateKey, StateWrite};

    /// An empty state, held until it is lost.
    #[derive(Default)]
    pub(crate) struct Lease {
        lost: AtomicBool,
    }

    impl Lease {
        pub(crate) fn lose(&self) {
            self.lost.store(true, Ordering::Release);
        }
    }

    #[async_trait]
    impl WhatsAppState for Lease {
        async fn get(&self, _: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
            Ok(None)
        }

        async fn list(&self, _: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError> {
            Ok(Vec::new())
        }

        async fn commit(&self, _: Vec<StateWrite>) -> Result<(), StateError> {
            Ok(())
        }

        fn is_held(&self) -> bool {
            !self.lost.load(Ordering::Acquire)
        }
    }

    fn held() -> Health {
        Health::of(Arc::new(Lease::default()))
    }

    fn unavailable() -> StateError {
        StateError::Unavailable("down".into())
    }

    #[test]
    fn one_failure_is_not_a_failing_store() {
        let health = held();
        health.failed(unavailable());
        assert_eq!(*health.watch().borrow(), Level::Good);
        health.failed(unavailable());
        health.failed(unavailable());
        assert_eq!(*health.watch().borrow(), Level::Failing);
        health.worked();
        assert_eq!(*health.watch().borrow(), Level::Good);
    }

    #[test]
    fn a_fence_is_for_good() {
        let health = held();
        health.failed(StateError::Fenced);
        health.worked();
        assert!(health.is_fenced());
        assert_eq!(*health.watch().borrow(), Level::Fenced);
    }

    #[test]
    fn what_is_no_longer_held_is_fenced_before_the_store_says_so() {
        let lease = Arc::new(Lease::default());
        let health = Health::of(lease.clone());
        assert_eq!(health.refuse_if_fenced(), Ok(()));
        lease.lose();
        assert_eq!(health.refuse_if_fenced(), Err(StateError::Fenced));
    }

    #[test]
    fn a_halted_saver_is_seen() {
        let health = held();
        for _ in 0..SAVER_HALTS_AFTER {
            health.device_saved(false);
        }
        assert_eq!(*health.watch().borrow(), Level::Halted);
    }
}
