//! Secrets of messages, for what refers to them later (votes, edits).
//!
//! The engine runs the library with these off (see [`crate::engine`]), so nothing is written; the store is complete all the
//! same, for the day something needs them.

use super::StateBackend;
use super::key::Kind;
use async_trait::async_trait;
use carteiro_core::ports::StateWrite;
use wacore::store::error::{Result, StoreError};
use wacore::store::traits::{
    MsgSecretEntry, MsgSecretStore, merge_msg_secret_expiry, merge_msg_secret_message_ts,
};

/// A stored secret: its 32 bytes, then when it expires and when its message was sent, in seconds since 1970 (0: never, unknown).
struct Secret {
    secret: [u8; 32],
    expires_at: i64,
    message_ts: i64,
}

impl Secret {
    fn read(blob: &[u8]) -> Result<Self> {
        let parsed = || {
            let (secret, rest) = blob.split_first_chunk::<32>()?;
            let (expires_at, rest) = rest.split_first_chunk::<8>()?;
            let message_ts = rest.first_chunk::<8>()?;
            Some(Self {
                secret: *secret,
                expires_at: i64::from_be_bytes(*expires_at),
                message_ts: i64::from_be_bytes(*message_ts),
            })
        };
        parsed().ok_or_else(|| StoreError::Validation("a message secret is damaged".into()))
    }

    fn write(&self) -> Vec<u8> {
        [self.secret.as_slice(), &self.expires_at.to_be_bytes(), &self.message_ts.to_be_bytes()].concat()
    }
}

#[async_trait]
impl MsgSecretStore for StateBackend {
    async fn put_msg_secrets(&self, entries: Vec<MsgSecretEntry>) -> Result<usize> {
        let _held = self.exclusive().await;
        let count = entries.len();
        let mut writes = std::collections::BTreeMap::new();
        for entry in entries {
            let key = Kind::MessageSecret.key(&[&entry.chat, &entry.sender, &entry.msg_id])?;
            let stored = match writes.remove(&key) {
                Some(earlier) => Some(earlier),
                None => self.read(&key).await?.map(|blob| Secret::read(&blob)).transpose()?,
            };
            let mut secret =
                Secret { secret: entry.secret, expires_at: entry.expires_at, message_ts: entry.message_ts };
            if let Some(stored) = stored {
                secret.expires_at = merge_msg_secret_expiry(stored.expires_at, entry.expires_at);
                secret.message_ts = merge_msg_secret_message_ts(stored.message_ts, entry.message_ts);
            }
            writes.insert(key, secret);
        }
        self.commit(writes.into_iter().map(|(key, secret)| StateWrite::Put(key, secret.write())).collect())
            .await?;
        Ok(count)
    }

    async fn get_msg_secret(&self, chat: &str, sender: &str, msg_id: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.get_msg_secret_with_ts(chat, sender, msg_id).await?.map(|(secret, _)| secret))
    }

    async fn get_msg_secret_with_ts(
        &self,
        chat: &str,
        sender: &str,
        msg_id: &str,
    ) -> Result<Option<(Vec<u8>, i64)>> {
        let Some(blob) = self.read(&Kind::MessageSecret.key(&[chat, sender, msg_id])?).await? else {
            return Ok(None);
        };
        let secret = Secret::read(&blob)?;
        Ok(Some((secret.secret.to_vec(), secret.message_ts)))
    }

    async fn delete_expired_msg_secrets(&self, cutoff_timestamp: i64) -> Result<u32> {
        let _held = self.exclusive().await;
        let mut expired = Vec::new();
        for (key, blob) in self.list(&Kind::MessageSecret.prefix("")).await? {
            let secret = Secret::read(&blob)?;
            if secret.expires_at != 0 && secret.expires_at <= cutoff_timestamp {
                expired.push(StateWrite::Delete(key));
            }
        }
        let count = expired.len() as u32;
        self.commit(expired).await?;
        Ok(count)
    }
}
