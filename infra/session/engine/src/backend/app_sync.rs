//! Keys, versions and mutation MACs of WhatsApp's app state.

use super::StateBackend;
use super::key::Kind;
use super::packed::Packed;
use super::record::{from_json, to_json};
use async_trait::async_trait;
use carteiro_core::ports::{StateKey, StateWrite};
use std::collections::{BTreeMap, HashMap};
use wacore::appstate::hash::HashState;
use wacore::appstate::processor::AppStateMutationMAC;
use wacore::store::error::Result;
use wacore::store::traits::{AppStateSyncKey, AppSyncStore};

/// A key id as text; ids are arbitrary bytes.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The blob that holds an index MAC: MACs are uniform, so the first four bits spread a collection over sixteen.
fn macs_key(collection: &str, index_mac: &[u8]) -> Result<StateKey> {
    let part = index_mac.first().map_or(0, |byte| byte >> 4);
    Kind::AppSyncMacs.key(&[collection, &format!("{part:x}")])
}

impl StateBackend {
    async fn change_macs<'a>(
        &self,
        collection: &str,
        index_macs: impl Iterator<Item = &'a [u8]> + Send,
        change: impl Fn(&'a [u8], &mut Packed) -> bool + Send,
    ) -> Result<()> {
        let mut by_blob: BTreeMap<StateKey, Vec<&[u8]>> = BTreeMap::new();
        for mac in index_macs {
            by_blob.entry(macs_key(collection, mac)?).or_default().push(mac);
        }
        let _held = self.exclusive().await;
        let mut writes = Vec::new();
        for (key, macs) in by_blob {
            let mut packed = Packed::read(self.read(&key).await?.as_deref())?;
            let mut changed = false;
            for mac in macs {
                changed |= change(mac, &mut packed);
            }
            if changed && packed.0.is_empty() {
                writes.push(StateWrite::Delete(key));
            } else if changed {
                writes.push(StateWrite::Put(key, packed.write()?));
            }
        }
        self.commit(writes).await
    }
}

#[async_trait]
impl AppSyncStore for StateBackend {
    async fn get_sync_key(&self, key_id: &[u8]) -> Result<Option<AppStateSyncKey>> {
        self.read(&Kind::AppSyncKey.key(&[&hex(key_id)])?).await?.map(|blob| from_json(&blob)).transpose()
    }

    async fn set_sync_key(&self, key_id: &[u8], key: AppStateSyncKey) -> Result<()> {
        self.commit(vec![
            StateWrite::Put(Kind::AppSyncKey.key(&[&hex(key_id)])?, to_json(&key)?),
            StateWrite::Put(Kind::AppSyncLatestKey.only()?, key_id.to_vec()),
        ])
        .await
    }

    async fn get_version(&self, name: &str) -> Result<HashState> {
        let blob = self.read(&Kind::AppSyncVersion.key(&[name])?).await?;
        blob.map_or_else(|| Ok(HashState::default()), |blob| from_json(&blob))
    }

    async fn set_version(&self, name: &str, state: HashState) -> Result<()> {
        self.put(Kind::AppSyncVersion.key(&[name])?, to_json(&state)?).await
    }

    async fn put_mutation_macs(
        &self,
        name: &str,
        _version: u64,
        mutations: &[AppStateMutationMAC],
    ) -> Result<()> {
        let values: HashMap<&[u8], &[u8]> =
            mutations.iter().map(|m| (&*m.index_mac, &*m.value_mac)).collect();
        let index_macs = mutations.iter().map(|m| &*m.index_mac);
        self.change_macs(name, index_macs, |index_mac, packed| {
            packed.0.insert(index_mac.to_vec(), values[index_mac].to_vec());
            true
        })
        .await
    }

    async fn get_mutation_mac(&self, name: &str, index_mac: &[u8]) -> Result<Option<Vec<u8>>> {
        let blob = self.read(&macs_key(name, index_mac)?).await?;
        Ok(Packed::read(blob.as_deref())?.0.remove(index_mac))
    }

    async fn get_mutation_macs(
        &self,
        name: &str,
        index_macs: &[[u8; 32]],
    ) -> Result<HashMap<[u8; 32], Vec<u8>>> {
        let mut blobs: BTreeMap<StateKey, Packed> = BTreeMap::new();
        let mut found = HashMap::with_capacity(index_macs.len());
        for index_mac in index_macs {
            let key = macs_key(name, index_mac)?;
            if !blobs.contains_key(&key) {
                let packed = Packed::read(self.read(&key).await?.as_deref())?;
                blobs.insert(key.clone(), packed);
            }
            if let Some(value) = blobs.get(&key).and_then(|packed| packed.0.get(index_mac.as_slice())) {
                found.insert(*index_mac, value.clone());
            }
        }
        Ok(found)
    }

    async fn delete_mutation_macs(&self, name: &str, index_macs: &[Vec<u8>]) -> Result<()> {
        let index_macs = index_macs.iter().map(Vec::as_slice);
        self.change_macs(name, index_macs, |index_mac, packed| packed.0.remove(index_mac).is_some()).await
    }

    async fn clear_mutation_macs(&self, name: &str) -> Result<()> {
        let _held = self.exclusive().await;
        let prefix = Kind::AppSyncMacs.key(&[name, ""])?;
        let blobs = self.list(prefix.as_str()).await?;
        self.commit(blobs.into_iter().map(|(key, _)| StateWrite::Delete(key)).collect()).await
    }

    async fn get_latest_sync_key_id(&self) -> Result<Option<Vec<u8>>> {
        self.read(&Kind::AppSyncLatestKey.only()?).await
    }
}
