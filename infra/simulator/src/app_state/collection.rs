//! One collection as the server keeps it: sealed records, the patches that made them, and from time to time a snapshot
//! for devices that have nothing yet.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use buffa::{Message as _, MessageField};
use serde::{Deserialize, Serialize};
use wacore_appstate::hash::HashState;
use wacore_appstate::{AppStateError, ExpandedAppStateKeys, Mutation, process_patch};
use waproto::whatsapp::{self as wa, syncd_mutation::SyncdOperation};

use super::{text, value_mac};
use crate::account::Stored;

/// A snapshot is made after so many patches, or after one with so many changes.
const PATCHES_PER_SNAPSHOT: u64 = 10;
const CHANGES_PER_SNAPSHOT: usize = 50;

/// So many patches are kept for devices that were away.
const KEPT: usize = 100;

/// A collection.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Collection {
    state: HashState,
    /// By index MAC.
    records: BTreeMap<String, Stored>,
    /// The newest last; the last one made the present version.
    patches: VecDeque<Stored>,
    snapshot: Option<Snapshot>,
}

/// A collection as it was at a version.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    version: u64,
    encoded: Stored,
    /// Where it is on the media server, once it was asked for.
    #[serde(skip)]
    reference: Option<Stored>,
}

/// Why a patch is not taken.
#[derive(Debug)]
pub(crate) enum Conflict {
    /// Another one came first.
    Late,
    /// Another device could not open it, or would not believe it.
    Wrong(AppStateError),
}

impl Collection {
    pub(crate) fn version(&self) -> u64 {
        self.state.version
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is a record with this index MAC.
    pub(crate) fn has(&self, index_mac: &[u8]) -> bool {
        self.records.contains_key(&text(index_mac))
    }

    /// The state that a patch with these changes would lead to.
    pub(crate) fn after(&self, mutations: &[wa::SyncdMutation]) -> HashState {
        let mut next = self.state.clone();
        let previous = |index_mac: &[u8], _| Ok(self.records.get(&text(index_mac)).and_then(value_mac));
        let _ = next.update_hash(mutations, previous);
        next.version += 1;
        next
    }

    /// Takes a patch that was made on top of a version. Answers what it changes.
    pub(crate) fn take(
        &mut self,
        name: &str,
        base: u64,
        mut patch: wa::SyncdPatch,
        key: impl Fn(&[u8]) -> Option<Arc<ExpandedAppStateKeys>>,
    ) -> Result<Vec<Mutation>, Conflict> {
        if base != self.version() {
            return Err(Conflict::Late);
        }
        if patch.external_mutations.is_set() || patch.patch_mac.is_none() || patch.snapshot_mac.is_none() {
            return Err(Conflict::Wrong(AppStateError::PatchMACMismatch));
        }
        patch.version = MessageField::some(wa::SyncdVersion { version: Some(base + 1) });
        let mut next = self.state.clone();
        let keys = |id: &[u8]| key(id).ok_or(AppStateError::KeyNotFound);
        let previous = |index_mac: &[u8]| Ok(self.records.get(&text(index_mac)).and_then(value_mac));
        let done = process_patch(&patch, &mut next, keys, previous, true, name).map_err(Conflict::Wrong)?;
        if next.mac_mismatch_fatal {
            return Err(Conflict::Wrong(AppStateError::PatchSnapshotMACMismatch));
        }
        self.state = next;
        for mutation in &patch.mutations {
            let Some(record) = mutation.record.as_option() else { continue };
            let Some(index) = record.index.as_option().and_then(|index| index.blob.as_deref()) else {
                continue;
            };
            if mutation.operation.is_some_and(|operation| operation == SyncdOperation::REMOVE) {
                self.records.remove(&text(index));
            } else {
                self.records.insert(text(index), Stored(record.encode_to_vec()));
            }
        }
        self.patches.push_back(Stored(patch.encode_to_vec()));
        while self.patches.len() > KEPT {
            self.patches.pop_front();
        }
        let since = self.version() - self.snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        if since >= PATCHES_PER_SNAPSHOT || patch.mutations.len() >= CHANGES_PER_SNAPSHOT {
            self.snapshot = Some(self.snapshot_by(&patch));
        }
        Ok(done.mutations)
    }

    /// The collection as the patch that came last has left it, and vouched for by it.
    fn snapshot_by(&self, patch: &wa::SyncdPatch) -> Snapshot {
        let records =
            self.records.values().filter_map(|record| wa::SyncdRecord::decode_from_slice(&record.0).ok());
        let snapshot = wa::SyncdSnapshot {
            version: patch.version.clone(),
            records: records.collect(),
            mac: patch.snapshot_mac.clone(),
            key_id: patch.key_id.clone(),
        };
        Snapshot { version: self.version(), encoded: Stored(snapshot.encode_to_vec()), reference: None }
    }

    /// What a device at a version lacks: a reference to a snapshot, if it has nothing or has been away for too long, and
    /// patches. `store` puts a snapshot where it can be fetched.
    pub(crate) fn since(
        &mut self,
        version: u64,
        store: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
    ) -> (Option<Vec<u8>>, Vec<Vec<u8>>) {
        let oldest = self.version() - self.patches.len() as u64;
        let (mut reference, mut from) = (None, version);
        if let Some(snapshot) = &mut self.snapshot
            && (version == 0 || version < oldest)
        {
            if snapshot.reference.is_none() {
                snapshot.reference = store(&snapshot.encoded.0).map(Stored);
            }
            reference = snapshot.reference.as_ref().map(|reference| reference.0.clone());
            from = snapshot.version;
        }
        let known = usize::try_from(from.saturating_sub(oldest)).unwrap_or(usize::MAX);
        (reference, self.patches.iter().skip(known).map(|patch| patch.0.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use wacore_appstate::schemas;
    use waproto::whatsapp::sync_action_value as actions;

    use super::super::AppState;
    use super::super::phone::Change;
    use super::*;

    const NAME: &str = "regular_low";

    fn pin(chat: u32) -> Change {
        let pin_action = MessageField::some(actions::PinAction { pinned: Some(true) });
        Change {
            schema: &schemas::PIN,
            about: vec![format!("{chat}@lid")],
            value: wa::SyncActionValue { pin_action, ..Default::default() },
        }
    }

    fn pinned(state: &mut AppState, chats: std::ops::Range<u32>) -> Result<usize, Conflict> {
        let (base, patch) = state.patch(NAME, chats.map(pin).collect()).unwrap();
        state.take(NAME, base, patch).map(|mutations| mutations.len())
    }

    /// What a device at a version gets: whether there is a snapshot, and the versions of the patches.
    fn since(state: &mut AppState, version: u64) -> (bool, Vec<u64>) {
        let collection = state.collections.get_mut(NAME).unwrap();
        let (reference, patches) = collection.since(version, |snapshot| Some(snapshot.to_vec()));
        let versions = patches.iter().map(|patch| {
            let patch = wa::SyncdPatch::decode_from_slice(patch).unwrap();
            patch.version.as_option().unwrap().version.unwrap()
        });
        (reference.is_some(), versions.collect())
    }

    #[test]
    fn a_device_gets_what_it_lacks() {
        let mut state = AppState::new();
        for chat in 0..3 {
            assert_eq!(pinned(&mut state, chat..chat + 1).unwrap(), 1);
        }
        assert_eq!(since(&mut state, 0), (false, vec![1, 2, 3]));
        assert_eq!(since(&mut state, 2), (false, vec![3]));
        assert_eq!(since(&mut state, 3), (false, vec![]));
        pinned(&mut state, 3..60).unwrap();
        pinned(&mut state, 0..1).unwrap();
        assert_eq!(since(&mut state, 0), (true, vec![5]));
        assert_eq!(since(&mut state, 3), (false, vec![4, 5]));
        assert_eq!(state.collections[NAME].len(), 60);
        // Who has been away for longer than patches are kept starts anew.
        for _ in 0..KEPT {
            pinned(&mut state, 0..1).unwrap();
        }
        assert_eq!(since(&mut state, 4), (true, vec![105]));
    }

    #[test]
    fn a_patch_that_nobody_would_believe_is_not_taken() {
        let mut state = AppState::new();
        pinned(&mut state, 0..2).unwrap();
        type Spoil = fn(&mut wa::SyncdPatch);
        let spoils: [Spoil; 5] = [
            |patch| patch.patch_mac = Some(vec![0; 32]),
            |patch| patch.snapshot_mac = Some(vec![0; 32]),
            |patch| patch.patch_mac = None,
            |patch| patch.key_id = MessageField::some(wa::KeyId { id: Some(vec![9]) }),
            |patch| patch.mutations.push(patch.mutations[0].clone()),
        ];
        for (nth, spoil) in spoils.into_iter().enumerate() {
            let (base, mut patch) = state.patch(NAME, vec![pin(7)]).unwrap();
            spoil(&mut patch);
            assert!(matches!(state.take(NAME, base, patch), Err(Conflict::Wrong(_))), "{nth}");
        }
        let (base, patch) = state.patch(NAME, vec![pin(7)]).unwrap();
        assert!(matches!(state.take(NAME, base - 1, patch.clone()), Err(Conflict::Late)));
        assert_eq!(state.collections[NAME].version(), 1);
        state.take(NAME, base, patch).unwrap();
    }

    #[test]
    fn the_state_file_keeps_it() {
        let mut state = AppState::new();
        pinned(&mut state, 0..60).unwrap();
        let mut state: AppState = serde_json::from_slice(&serde_json::to_vec(&state).unwrap()).unwrap();
        state.rotate();
        pinned(&mut state, 0..2).unwrap();
        assert_eq!(since(&mut state, 0), (true, vec![2]));
        assert_eq!(state.collections[NAME].len(), 60);
    }
}
