//! State kept in memory, for tests.

use async_trait::async_trait;
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{StateError, StateKey, StateWrite, WhatsAppState, WhatsAppStates};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Number {
    epoch: Option<Epoch>,
    blobs: BTreeMap<StateKey, Vec<u8>>,
    commits: usize,
    unavailable: bool,
}

/// The state of any numbers, in memory. It outlives the sessions that use it, so a test can end a session and start another
/// over what the first one left.
#[derive(Clone, Default)]
pub struct MemoryStates(Arc<Mutex<HashMap<Phone, Number>>>);

impl MemoryStates {
    fn numbers(&self) -> MutexGuard<'_, HashMap<Phone, Number>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every operation on the number's state fail, or work again.
    pub fn set_unavailable(&self, number: &Phone, unavailable: bool) {
        self.numbers().entry(number.clone()).or_default().unavailable = unavailable;
    }

    /// How many commits the number's state has seen.
    pub fn commits(&self, number: &Phone) -> usize {
        self.numbers().get(number).map_or(0, |state| state.commits)
    }

    /// How many blobs there are and how many bytes they hold.
    pub fn size(&self, number: &Phone) -> (usize, usize) {
        let numbers = self.numbers();
        let Some(state) = numbers.get(number) else { return (0, 0) };
        (state.blobs.len(), state.blobs.values().map(Vec::len).sum())
    }

    fn claim(&self, number: &Phone, epoch: Epoch) -> Result<(), StateError> {
        let mut numbers = self.numbers();
        let state = numbers.entry(number.clone()).or_default();
        if state.epoch.is_some_and(|claimed| claimed > epoch) {
            return Err(StateError::Fenced);
        }
        state.epoch = Some(epoch);
        Ok(())
    }
}

#[async_trait]
impl WhatsAppStates for MemoryStates {
    async fn open(&self, number: &Phone, epoch: Epoch) -> Result<Arc<dyn WhatsAppState>, StateError> {
        self.claim(number, epoch)?;
        Ok(Arc::new(MemoryState { states: self.clone(), number: number.clone(), epoch }))
    }

    async fn erase(&self, number: &Phone, epoch: Epoch) -> Result<(), StateError> {
        self.claim(number, epoch)?;
        match self.numbers().get_mut(number) {
            Some(state) if state.unavailable => Err(off()),
            Some(state) => {
                state.blobs.clear();
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn off() -> StateError {
    StateError::Unavailable("switched off by the test".into())
}

/// One number's state, as one owner has it.
struct MemoryState {
    states: MemoryStates,
    number: Phone,
    epoch: Epoch,
}

impl MemoryState {
    fn with<T>(&self, operation: impl FnOnce(&mut Number) -> Result<T, StateError>) -> Result<T, StateError> {
        let mut numbers = self.states.numbers();
        let state = numbers.entry(self.number.clone()).or_default();
        if state.unavailable {
            return Err(off());
        }
        operation(state)
    }
}

#[async_trait]
impl WhatsAppState for MemoryState {
    async fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        self.with(|state| Ok(state.blobs.get(key).cloned()))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError> {
        self.with(|state| {
            let found = state.blobs.iter().filter(|(key, _)| key.as_str().starts_with(prefix));
            Ok(found.map(|(key, blob)| (key.clone(), blob.clone())).collect())
        })
    }

    async fn commit(&self, writes: Vec<StateWrite>) -> Result<(), StateError> {
        self.with(|state| {
            if state.epoch != Some(self.epoch) {
                return Err(StateError::Fenced);
            }
            state.commits += 1;
            for write in writes {
                match write {
                    StateWrite::Put(key, blob) => drop(state.blobs.insert(key, blob)),
                    StateWrite::Delete(key) => drop(state.blobs.remove(&key)),
                }
            }
            Ok(())
        })
    }
}
