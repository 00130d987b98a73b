//! What the library counts on, one file for each of its five traits. Each test writes through one backend and reads through
//! another over the same state, so that nothing passes by way of memory.

mod app_sync;
mod device;
mod protocol;
mod secrets;
mod shelf;
mod signal;
mod stored;

use super::{Health, StateBackend};
use crate::barrier::Barrier;
use crate::memory::MemoryStates;
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_core::ports::WhatsAppStates;
use std::sync::Arc;
use std::time::Duration;

/// A number's state and as many backends over it as a test wants.
pub(super) struct Store {
    states: MemoryStates,
    number: Phone,
}

impl Store {
    pub(super) fn new() -> Self {
        Self { states: MemoryStates::default(), number: "5511988887777".parse().unwrap() }
    }

    pub(super) async fn backend(&self) -> StateBackend {
        self.backend_of(Epoch::FIRST).await
    }

    pub(super) async fn backend_of(&self, epoch: Epoch) -> StateBackend {
        let state = self.states.open(&(&self.number).into(), epoch).await.unwrap();
        StateBackend::new(state.clone(), Arc::new(Health::of(state)), Barrier::default())
    }

    /// Makes the next `times` commits fail that write such a key.
    pub(super) fn refuse(&self, prefix: &'static str, times: usize) {
        self.states.refuse(&self.number, prefix, times);
    }

    /// Makes every commit take so long that writes such a key.
    pub(super) fn slow_down(&self, prefix: &'static str, by: Duration) {
        self.states.slow_down(&self.number, prefix, by);
    }

    pub(super) fn blobs(&self) -> usize {
        self.states.size(&self.number).0
    }

    pub(super) fn commits(&self) -> usize {
        self.states.commits(&self.number)
    }
}

/// Runs a future in a property.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
