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
mod owed;
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

#[cfg(test)]
pub(crate) use health::tests::Lease;
pub(crate) use health::{Health, Level};
pub(crate) use shelf::Shelved;

use crate::barrier::Barrier;
use carteiro_core::ports::{StateError, StateKey, StateWrite, WhatsAppState};
use owed::Owed;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use tokio::sync::{Mutex, MutexGuard};
use wacore::store::error::Result;

/// The library's storage, over one number's state.
pub(crate) struct StateBackend {
    state: Arc<dyn WhatsAppState>,
    health: Arc<Health>,
    read_then_write: Mutex<()>,
    /// Decrypted messages whose rows are not written yet.
    owed: Owed,
    /// Commits are made one after the other, so that none brings a row back that another has removed.
    committing: Mutex<()>,
    barrier: Barrier,
    /// A hash of the device as it was last written.
    saved_device: std::sync::Mutex<Option<u64>>,
    sent_swept_at: AtomicI64,
    inbound_swept_at: AtomicI64,
}

impl StateBackend {
    /// Over `state`; what it cannot keep of what WhatsApp tells is refused at `barrier`.
    pub(crate) fn new(state: Arc<dyn WhatsAppState>, health: Arc<Health>, barrier: Barrier) -> Self {
        Self {
            state,
            health,
            read_then_write: Mutex::new(()),
            owed: Owed::default(),
            committing: Mutex::new(()),
            barrier,
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
        self.commit_after_owed(writes).await
    }

    /// Writes, after the rows that are owed: a Signal session that has read a message is never stored without the message.
    async fn commit_after_owed(&self, writes: Vec<StateWrite>) -> Result<()> {
        if self.health.is_fenced() {
            return Err(self.health.failed(StateError::Fenced));
        }
        let _alone = self.committing.lock().await;
        let rows = self.owed.rows();
        let puts = rows.iter().map(|(key, row)| StateWrite::Put(key.clone(), row.clone()));
        let all: Vec<StateWrite> = puts.chain(writes).collect();
        if all.is_empty() {
            return Ok(());
        }
        self.outcome(self.state.commit(all).await)?;
        self.owed.written(&rows);
        Ok(())
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
