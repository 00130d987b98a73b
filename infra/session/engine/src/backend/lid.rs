//! Which phone number is behind a LID, and which LID a phone number has.

use super::StateBackend;
use super::key::Kind;
use super::record::{from_json, to_json};
use carteiro_core::ports::StateWrite;
use std::collections::HashMap;
use wacore::store::error::Result;
use wacore::store::traits::LidPnMappingEntry;

/// From this many mappings on, one listing is cheaper than a read for each.
const LIST_FROM: usize = 20;

impl StateBackend {
    pub(super) async fn mapping_of_lid(&self, lid: &str) -> Result<Option<LidPnMappingEntry>> {
        self.read(&Kind::Lid.key(&[lid])?).await?.map(|blob| from_json(&blob)).transpose()
    }

    pub(super) async fn mapping_of_phone(&self, phone: &str) -> Result<Option<LidPnMappingEntry>> {
        let Some(lid) = self.read(&Kind::LidOfPhone.key(&[phone])?).await? else { return Ok(None) };
        self.mapping_of_lid(&String::from_utf8_lossy(&lid)).await
    }

    pub(super) async fn all_mappings(&self) -> Result<Vec<LidPnMappingEntry>> {
        self.list(&Kind::Lid.prefix("")).await?.iter().map(|(_, blob)| from_json(blob)).collect()
    }

    /// Stores mappings. A LID that changes its number leaves the old number without one.
    pub(super) async fn put_mappings(&self, entries: &[LidPnMappingEntry]) -> Result<()> {
        let _held = self.exclusive().await;
        let mut phone_of: HashMap<String, String> = HashMap::new();
        if entries.len() >= LIST_FROM {
            phone_of
                .extend(self.all_mappings().await?.into_iter().map(|entry| (entry.lid, entry.phone_number)));
        } else {
            for entry in entries {
                if let Some(stored) = self.mapping_of_lid(&entry.lid).await? {
                    phone_of.insert(stored.lid, stored.phone_number);
                }
            }
        }
        let mut writes = Vec::with_capacity(entries.len() * 2);
        for entry in entries {
            let before = phone_of.insert(entry.lid.clone(), entry.phone_number.clone());
            if let Some(before) = before.filter(|before| *before != entry.phone_number) {
                writes.push(StateWrite::Delete(Kind::LidOfPhone.key(&[&before])?));
            }
            writes.push(StateWrite::Put(
                Kind::LidOfPhone.key(&[&entry.phone_number])?,
                entry.lid.clone().into_bytes(),
            ));
            writes.push(StateWrite::Put(Kind::Lid.key(&[&entry.lid])?, to_json(entry)?));
        }
        self.commit(last_of_each_key(writes)).await
    }
}

/// Only the last write to each key, in order: a store may refuse a batch that names a key twice.
pub(super) fn last_of_each_key(writes: Vec<StateWrite>) -> Vec<StateWrite> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<StateWrite> = Vec::with_capacity(writes.len());
    for write in writes.into_iter().rev() {
        let (StateWrite::Put(key, _) | StateWrite::Delete(key)) = &write;
        if seen.insert(key.clone()) {
            kept.push(write);
        }
    }
    kept.reverse();
    kept
}
