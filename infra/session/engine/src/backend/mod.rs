//! What the WhatsApp library stores, over [`WhatsAppState`].
//!
//! The library keeps the Signal sessions it uses in a cache of its own and writes them behind, so nothing is cached here.
//! Small records are packed (see [`packed`]): a new device's 812 pre-keys are nine blobs, a collection's mutation MACs at
//! most sixteen. A packed blob is read, changed and written under one lock; that is enough, because the epoch keeps every
//! other process away.

mod app_sync;
mod device;
mod groups;
mod health;
mod key;
mod lid;
mod messages;
mod packed;
mod prekeys;
mod protocol;
mod record;
mod secrets;
mod shelf;
mod signal;
#[cfg(test)]
mod tests;
mod trust_tokens;

pub(crate) use health::{Health, Level};
pub(crate) use shelf::Shelved;

use carteiro_core::ports::{StateError, StateKey, StateWrite, WhatsAppState};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use tokio::sync::{Mutex, MutexGuard};
use wacore::store::error::Result;

/// The library's storage, over one number's state.
pub(crate) struct StateBackend {
    state: Arc<dyn WhatsAppState>,
    health: Arc<Health>,
    read_then_write: Mutex<()>,
    /// A hash of the device as it was last written.
    saved_device: std::sync::Mutex<Option<u64>>,
    sent_swept_at: AtomicI64,
    inbound_swept_at: AtomicI64,
}

impl StateBackend {
    pub(crate) fn new(state: Arc<dyn WhatsAppState>, health: Arc<Health>) -> Self {
        Self {
            state,
            health,
            read_then_write: Mutex::new(()),
            saved_device: std::sync::Mutex::default(),
            sent_swept_at: AtomicI64::new(0),
            inbound_swept_at: AtomicI64::new(0),
        }
    }

    /// Held from reading a blob until it has been written back.
    async fn exclusive(&self) -> MutexGuard<'_, ()> {
        self.read_then_write.lock().await
    }

    async fn read(&self, key: &StateKey) -> Result<Option<Vec<u8>>> {
        self.outcome(self.state.get(key).await)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>> {
        self.outcome(self.state.list(prefix).await)
    }

    async fn put(&self, key: StateKey, blob: Vec<u8>) -> Result<()> {
        self.commit(vec![StateWrite::Put(key, blob)]).await
    }

    async fn delete(&self, key: StateKey) -> Result<()> {
        self.commit(vec![StateWrite::Delete(key)]).await
    }

    async fn commit(&self, writes: Vec<StateWrite>) -> Result<()> {
        if writes.is_empty() {
            return Ok(());
        }
        if self.health.is_fenced() {
            return Err(self.health.failed(StateError::Fenced));
        }
        self.outcome(self.state.commit(writes).await)
    }

    fn outcome<T>(&self, result: std::result::Result<T, StateError>) -> Result<T> {
        match result {
            Ok(value) => {
                self.health.worked();
                Ok(value)
            }
            Err(error) => Err(self.health.failed(error)),
        }
    }
}
