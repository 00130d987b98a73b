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
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::sleep;
use wacore::store::error::Result;

/// How long to wait before something is tried to be read again, in milliseconds.
const READ_AGAIN: [u64; 5] = [50, 100, 200, 400, 800];

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
    /// A hash of the device as it was last written; held while it is.
    saved_device: Mutex<Option<u64>>,
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
            saved_device: Mutex::default(),
            sent_swept_at: AtomicI64::new(0),
            inbound_swept_at: AtomicI64::new(0),
        }
    }

    /// Held from reading a blob until it has been written back.
    async fn exclusive(&self) -> MutexGuard<'_, ()> {
        self.read_then_write.lock().await
    }

    async fn read(&self, key: &StateKey) -> Result<Option<Vec<u8>>> {
        self.insist(|| self.state.get(key)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>> {
        self.insist(|| self.state.list(prefix)).await
    }

    /// Reads, for some seconds. The library leaves out of a message a device whose Signal session it cannot read, and sends what is left: to
    /// the own phone alone, say. So past a read that failed nothing goes out any more over the connection there is.
    async fn insist<T, F>(&self, read: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, StateError>>,
    {
        let passing = |error: &StateError| matches!(error, StateError::Unavailable(_));
        let outcome = self.try_for_long(&READ_AGAIN, read, passing).await;
        self.outcome(outcome)
    }

    /// Tries something until it succeeds, after each failure that may pass and after these pauses. Where none of the tries did,
    /// nothing goes out any more over the connection there is.
    async fn try_for_long<T, E, F>(
        &self,
        pauses: &[u64],
        attempt: impl Fn() -> F,
        may_pass: impl Fn(&E) -> bool,
    ) -> std::result::Result<T, E>
    where
        F: Future<Output = std::result::Result<T, E>>,
    {
        for pause in pauses {
            match attempt().await {
                Err(error) if may_pass(&error) && !self.health.is_fenced() => {
                    sleep(Duration::from_millis(*pause)).await;
                }
                outcome => return outcome,
            }
        }
        let outcome = attempt().await;
        if outcome.is_err() {
            self.barrier.refuse();
        }
        outcome
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
        self.health.refuse_if_fenced().map_err(|fenced| self.health.failed(fenced))?;
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
