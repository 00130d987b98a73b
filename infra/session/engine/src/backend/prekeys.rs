//! One-time pre-keys, a hundred to a blob.
//!
//! A new device makes 812 of about 70 bytes: nine blobs of 8 KB and one commit, where 812 items would be 21 transactions.
//! Each later use rewrites one blob. Whether the server has a key is not kept: nothing in the library asks the
//! store for it (the device holds a watermark instead), and marking them after the upload would write all nine
//! blobs again.

use super::StateBackend;
use super::key::{Kind, last_part};
use super::packed::Packed;
use bytes::Bytes;
use carteiro_core::ports::{StateKey, StateWrite};
use std::collections::BTreeMap;
use wacore::store::error::{Result, StoreError};

/// Ids to a blob.
pub(crate) const BLOCK: u32 = 100;

fn block_key(id: u32) -> Result<StateKey> {
    Kind::PreKeys.key(&[&format!("{:08}", id / BLOCK)])
}

impl StateBackend {
    /// Changes the blocks that hold `ids` and writes, in one commit, those that `change` says it changed.
    async fn change_prekeys(
        &self,
        ids: &[u32],
        change: impl Fn(u32, &mut Packed) -> bool + Send,
    ) -> Result<()> {
        let mut by_block: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for id in ids {
            by_block.entry(id / BLOCK).or_default().push(*id);
        }
        let _held = self.exclusive().await;
        let mut writes = Vec::new();
        for (block, ids) in by_block {
            let key = block_key(block * BLOCK)?;
            let mut packed = Packed::read(self.read(&key).await?.as_deref())?;
            let mut changed = false;
            for id in ids {
                changed |= change(id, &mut packed);
            }
            if changed && packed.0.is_empty() {
                writes.push(StateWrite::Delete(key));
            } else if changed {
                writes.push(StateWrite::Put(key, packed.write()?));
            }
        }
        self.commit(writes).await
    }

    pub(super) async fn store_prekeys(&self, keys: &[(u32, Bytes)]) -> Result<()> {
        let ids: Vec<u32> = keys.iter().map(|(id, _)| *id).collect();
        let records: BTreeMap<u32, &Bytes> = keys.iter().map(|(id, record)| (*id, record)).collect();
        self.change_prekeys(&ids, |id, packed| {
            packed.0.insert(id.to_be_bytes().to_vec(), records[&id].to_vec());
            true
        })
        .await
    }

    pub(super) async fn load_prekeys(&self, ids: &[u32]) -> Result<Vec<(u32, Bytes)>> {
        let mut blocks: BTreeMap<u32, Packed> = BTreeMap::new();
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let block = match blocks.entry(id / BLOCK) {
                std::collections::btree_map::Entry::Occupied(block) => block.into_mut(),
                std::collections::btree_map::Entry::Vacant(slot) => {
                    slot.insert(Packed::read(self.read(&block_key(*id)?).await?.as_deref())?)
                }
            };
            if let Some(record) = block.0.get(id.to_be_bytes().as_slice()) {
                found.push((*id, Bytes::copy_from_slice(record)));
            }
        }
        Ok(found)
    }

    pub(super) async fn take_prekey(&self, id: u32) -> Result<()> {
        self.change_prekeys(&[id], |id, packed| packed.0.remove(id.to_be_bytes().as_slice()).is_some()).await
    }

    pub(super) async fn max_prekey_id(&self) -> Result<u32> {
        let blocks = self.list(&Kind::PreKeys.prefix("")).await?;
        let Some((key, blob)) = blocks.last() else { return Ok(0) };
        let damaged = || StoreError::Validation(format!("pre-key block {} is damaged", last_part(key)));
        let packed = Packed::read(Some(blob))?;
        let (id, _) = packed.0.last_key_value().ok_or_else(damaged)?;
        Ok(u32::from_be_bytes(id.as_slice().try_into().map_err(|_| damaged())?))
    }
}
