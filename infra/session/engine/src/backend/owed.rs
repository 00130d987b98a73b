//! Decrypted messages whose rows are not written yet.
//!
//! The library stores a message's row as soon as it has decrypted it, and acknowledges nothing while that fails. The Signal session
//! that decrypted it is in its cache by then, and the next flush, for whatever reason, stores it: a second delivery of the message is
//! then one that was read before, which the library acknowledges unless it finds the row. So no write to the state passes a row.

use carteiro_core::ports::StateKey;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The rows, by their keys.
#[derive(Default)]
pub(super) struct Owed(Mutex<BTreeMap<StateKey, Vec<u8>>>);

impl Owed {
    fn all(&self) -> MutexGuard<'_, BTreeMap<StateKey, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, rows: Vec<(StateKey, Vec<u8>)>) {
        self.all().extend(rows);
    }

    pub(super) fn rows(&self) -> Vec<(StateKey, Vec<u8>)> {
        self.all().iter().map(|(key, row)| (key.clone(), row.clone())).collect()
    }

    pub(super) fn get(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.all().get(key).cloned()
    }

    /// These were written; one that has changed since is owed still.
    pub(super) fn written(&self, rows: &[(StateKey, Vec<u8>)]) {
        let mut all = self.all();
        for (key, row) in rows {
            if all.get(key) == Some(row) {
                all.remove(key);
            }
        }
    }

    /// The owner has the message: nobody asks for its row again.
    pub(super) fn forget(&self, key: &StateKey) {
        self.all().remove(key);
    }
}
