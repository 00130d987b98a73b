//! State kept in memory, for tests.

use async_trait::async_trait;
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{StateError, StateKey, StateOwner, StateWrite, WhatsAppState, WhatsAppStates};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

#[derive(Default)]
struct Owned {
    epoch: Option<Epoch>,
    blobs: BTreeMap<StateKey, Vec<u8>>,
    commits: usize,
    unavailable: bool,
    /// Commits that fail, by a key that they write.
    refusals: Refusals,
    /// Reads that fail, by their key.
    unreadable: Refusals,
    /// What takes how long to be written, by the start of its key.
    slow: Option<(&'static str, Duration)>,
}

/// How many more operations fail that are about a key with a prefix.
#[derive(Default)]
struct Refusals {
    prefix: &'static str,
    left: usize,
}

impl Refusals {
    /// Fails one operation about these keys, if it is one of those that fail.
    fn refuse<'a>(&mut self, mut keys: impl Iterator<Item = &'a StateKey>) -> Result<(), StateError> {
        if self.left == 0 || !keys.any(|key| key.as_str().starts_with(self.prefix)) {
            return Ok(());
        }
        self.left -= 1;
        Err(off())
    }
}

/// The state of any numbers and pairings, in memory. It outlives the sessions that use it, so a test can end a session and start another
/// over what the first one left.
#[derive(Clone, Default)]
pub struct MemoryStates(Arc<Mutex<HashMap<StateOwner, Owned>>>);

impl MemoryStates {
    fn owned(&self) -> MutexGuard<'_, HashMap<StateOwner, Owned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every operation on the number's state fail, or work again.
    pub fn set_unavailable(&self, number: &Phone, unavailable: bool) {
        self.owned().entry(number.into()).or_default().unavailable = unavailable;
    }

    /// Makes the next `times` commits fail that write a key with this prefix.
    pub fn refuse(&self, number: &Phone, prefix: &'static str, times: usize) {
        self.owned().entry(number.into()).or_default().refusals = Refusals { prefix, left: times };
    }

    /// Makes the next `times` reads fail of a key with this prefix.
    pub fn refuse_reads(&self, number: &Phone, prefix: &'static str, times: usize) {
        self.owned().entry(number.into()).or_default().unreadable = Refusals { prefix, left: times };
    }

    /// Makes every commit take so long that writes a key with this prefix; what fences it meanwhile keeps it from being written.
    pub fn slow_down(&self, number: &Phone, prefix: &'static str, by: Duration) {
        self.owned().entry(number.into()).or_default().slow = Some((prefix, by));
    }

    /// How many commits the number's state has seen.
    pub fn commits(&self, number: &Phone) -> usize {
        self.owned().get(&number.into()).map_or(0, |state| state.commits)
    }

    /// How many blobs there are and how many bytes they hold.
    pub fn size(&self, number: &Phone) -> (usize, usize) {
        self.size_of(&number.into())
    }

    /// The same of any owner.
    pub fn size_of(&self, owner: &StateOwner) -> (usize, usize) {
        let owned = self.owned();
        let Some(state) = owned.get(owner) else { return (0, 0) };
        (state.blobs.len(), state.blobs.values().map(Vec::len).sum())
    }

    fn claim(&self, owner: &StateOwner, epoch: Epoch) -> Result<(), StateError> {
        let mut owned = self.owned();
        let state = owned.entry(owner.clone()).or_default();
        if state.epoch.is_some_and(|claimed| claimed > epoch) {
            return Err(StateError::Fenced);
        }
        state.epoch = Some(epoch);
        Ok(())
    }
}

#[async_trait]
impl WhatsAppStates for MemoryStates {
    async fn open(&self, owner: &StateOwner, epoch: Epoch) -> Result<Arc<dyn WhatsAppState>, StateError> {
        self.claim(owner, epoch)?;
        Ok(Arc::new(MemoryState { states: self.clone(), owner: owner.clone(), epoch }))
    }

    async fn erase(&self, owner: &StateOwner, epoch: Epoch) -> Result<(), StateError> {
        self.claim(owner, epoch)?;
        let mut owned = self.owned();
        match owned.get_mut(owner) {
            Some(state) if state.unavailable => return Err(off()),
            Some(state) => state.blobs.clear(),
            None => {}
        }
        if matches!(owner, StateOwner::Pairing(_)) {
            owned.remove(owner);
        }
        Ok(())
    }

    async fn holds(&self, pairing: PairingId) -> Result<bool, StateError> {
        Ok(self.owned().contains_key(&pairing.into()))
    }

    async fn adopt(&self, number: &Phone, epoch: Epoch, pairing: PairingId) -> Result<(), StateError> {
        self.claim(&number.into(), epoch)?;
        let mut owned = self.owned();
        if owned.get(&number.into()).is_some_and(|state| state.unavailable) {
            return Err(off());
        }
        let Some(adopted) = owned.remove(&pairing.into()) else { return Ok(()) };
        owned.entry(number.into()).or_default().blobs = adopted.blobs;
        Ok(())
    }
}

fn off() -> StateError {
    StateError::Unavailable("switched off by the test".into())
}

/// The keys that are written, without those that are deleted.
fn put(writes: &[StateWrite]) -> impl Iterator<Item = &StateKey> {
    writes.iter().filter_map(|write| match write {
        StateWrite::Put(key, _) => Some(key),
        StateWrite::Delete(_) => None,
    })
}

/// One state, as one owner has it.
struct MemoryState {
    states: MemoryStates,
    owner: StateOwner,
    epoch: Epoch,
}

impl MemoryState {
    fn with<T>(&self, operation: impl FnOnce(&mut Owned) -> Result<T, StateError>) -> Result<T, StateError> {
        let mut owned = self.states.owned();
        // An erased pairing's claim is gone, which fences whoever had it open.
        let Some(state) = owned.get_mut(&self.owner) else { return Err(StateError::Fenced) };
        if state.unavailable {
            return Err(off());
        }
        operation(state)
    }
}

#[async_trait]
impl WhatsAppState for MemoryState {
    async fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        self.with(|state| {
            state.unreadable.refuse(std::iter::once(key))?;
            Ok(state.blobs.get(key).cloned())
        })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError> {
        self.with(|state| {
            let found = state.blobs.iter().filter(|(key, _)| key.as_str().starts_with(prefix));
            Ok(found.map(|(key, blob)| (key.clone(), blob.clone())).collect())
        })
    }

    async fn commit(&self, writes: Vec<StateWrite>) -> Result<(), StateError> {
        let slow = self.with(|state| Ok(state.slow))?;
        if let Some((prefix, by)) = slow
            && put(&writes).any(|key| key.as_str().starts_with(prefix))
        {
            sleep(by).await;
        }
        self.with(|state| {
            if state.epoch != Some(self.epoch) {
                return Err(StateError::Fenced);
            }
            state.refusals.refuse(put(&writes))?;
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
