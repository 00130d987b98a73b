//! Signal identities, sessions, pre-keys and sender keys.

use super::StateBackend;
use super::key::{Kind, last_part};
use async_trait::async_trait;
use bytes::Bytes;
use carteiro_core::ports::StateWrite;
use std::sync::Arc;
use wacore::store::error::{Result, StoreError};
use wacore::store::traits::SignalStore;

#[async_trait]
impl SignalStore for StateBackend {
    async fn put_identity(&self, address: &str, key: [u8; 32]) -> Result<()> {
        self.put(Kind::Identity.key(&[address])?, key.to_vec()).await
    }

    async fn put_identities_batch(&self, identities: &[(Arc<str>, [u8; 32])]) -> Result<()> {
        let puts = identities
            .iter()
            .map(|(address, key)| Ok(StateWrite::Put(Kind::Identity.key(&[address])?, key.to_vec())));
        self.commit(puts.collect::<Result<_>>()?).await
    }

    async fn load_identity(&self, address: &str) -> Result<Option<[u8; 32]>> {
        let Some(blob) = self.read(&Kind::Identity.key(&[address])?).await? else { return Ok(None) };
        let key =
            blob.try_into().map_err(|_| StoreError::Validation("an identity key is not 32 bytes".into()))?;
        Ok(Some(key))
    }

    async fn delete_identity(&self, address: &str) -> Result<()> {
        self.delete(Kind::Identity.key(&[address])?).await
    }

    async fn get_session(&self, address: &str) -> Result<Option<Bytes>> {
        Ok(self.read(&Kind::Session.key(&[address])?).await?.map(Bytes::from))
    }

    async fn put_session(&self, address: &str, session: &[u8]) -> Result<()> {
        self.put(Kind::Session.key(&[address])?, session.to_vec()).await
    }

    async fn put_sessions_batch(&self, sessions: &[(Arc<str>, Bytes)]) -> Result<()> {
        let puts = sessions
            .iter()
            .map(|(address, row)| Ok(StateWrite::Put(Kind::Session.key(&[address])?, row.to_vec())));
        self.commit(puts.collect::<Result<_>>()?).await
    }

    async fn delete_session(&self, address: &str) -> Result<()> {
        self.delete(Kind::Session.key(&[address])?).await
    }

    async fn has_signal_state_for_user(&self, user: &str) -> Result<bool> {
        // Addresses are `user@server` for a phone and `user:device@server` for the others.
        for kind in [Kind::Session, Kind::Identity] {
            for after in ['@', ':'] {
                if !self.list(&kind.prefix(&format!("{user}{after}"))).await?.is_empty() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn store_prekey(&self, id: u32, record: &[u8], _uploaded: bool) -> Result<()> {
        self.store_prekeys(&[(id, Bytes::copy_from_slice(record))]).await
    }

    async fn store_prekeys_batch(&self, keys: &[(u32, Bytes)], _uploaded: bool) -> Result<()> {
        self.store_prekeys(keys).await
    }

    async fn load_prekey(&self, id: u32) -> Result<Option<Bytes>> {
        Ok(self.load_prekeys(&[id]).await?.into_iter().next().map(|(_, record)| record))
    }

    async fn load_prekeys_batch(&self, ids: &[u32]) -> Result<Vec<(u32, Bytes)>> {
        self.load_prekeys(ids).await
    }

    /// Nothing to do: see [`super::prekeys`].
    async fn mark_prekeys_uploaded(&self, _ids: &[u32]) -> Result<()> {
        Ok(())
    }

    async fn remove_prekey(&self, id: u32) -> Result<()> {
        self.take_prekey(id).await
    }

    async fn get_max_prekey_id(&self) -> Result<u32> {
        self.max_prekey_id().await
    }

    async fn store_signed_prekey(&self, id: u32, record: &[u8]) -> Result<()> {
        self.put(Kind::SignedPreKey.key(&[&id.to_string()])?, record.to_vec()).await
    }

    async fn load_signed_prekey(&self, id: u32) -> Result<Option<Vec<u8>>> {
        self.read(&Kind::SignedPreKey.key(&[&id.to_string()])?).await
    }

    async fn load_all_signed_prekeys(&self) -> Result<Vec<(u32, Vec<u8>)>> {
        let rows = self.list(&Kind::SignedPreKey.prefix("")).await?;
        rows.into_iter()
            .map(|(key, record)| {
                let id = last_part(&key).parse();
                Ok((
                    id.map_err(|_| StoreError::Validation("a signed pre-key's id is damaged".into()))?,
                    record,
                ))
            })
            .collect()
    }

    async fn remove_signed_prekey(&self, id: u32) -> Result<()> {
        self.delete(Kind::SignedPreKey.key(&[&id.to_string()])?).await
    }

    async fn put_sender_key(&self, address: &str, record: &[u8]) -> Result<()> {
        self.put(Kind::SenderKey.key(&[address])?, record.to_vec()).await
    }

    async fn put_sender_keys_batch(&self, keys: &[(Arc<str>, Bytes)]) -> Result<()> {
        let puts = keys
            .iter()
            .map(|(address, record)| Ok(StateWrite::Put(Kind::SenderKey.key(&[address])?, record.to_vec())));
        self.commit(puts.collect::<Result<_>>()?).await
    }

    async fn get_sender_key(&self, address: &str) -> Result<Option<Vec<u8>>> {
        self.read(&Kind::SenderKey.key(&[address])?).await
    }

    async fn delete_sender_key(&self, address: &str) -> Result<()> {
        self.delete(Kind::SenderKey.key(&[address])?).await
    }
}
