//! Messages kept for a while: sent ones, for a recipient that could not read them, and decrypted ones not yet handed over.

use super::StateBackend;
use super::key::Kind;
use super::record::{stamp, unstamp};
use carteiro_core::ports::StateWrite;
use std::sync::atomic::{AtomicI64, Ordering};
use wacore::store::error::Result;
use wacore::store::traits::{PendingInboundKey, PendingInboundRow};

/// The library sweeps with its keepalive, every few minutes; a sweep lists every message kept, so most are skipped.
const SWEEP_EVERY_SECONDS: i64 = 30 * 60;

impl StateBackend {
    pub(super) async fn keep_sent(&self, chat: &str, id: &str, payload: &[u8]) -> Result<()> {
        self.put(Kind::Sent.key(&[chat, id])?, stamp(wacore::time::now_secs(), payload)).await
    }

    /// Reads and removes in one step, so that a message is not sent again twice.
    pub(super) async fn take_sent(&self, chat: &str, id: &str) -> Result<Option<Vec<u8>>> {
        let _held = self.exclusive().await;
        let key = Kind::Sent.key(&[chat, id])?;
        let Some(blob) = self.read(&key).await? else { return Ok(None) };
        let payload = unstamp(&blob)?.1.to_vec();
        self.delete(key).await?;
        Ok(Some(payload))
    }

    pub(super) async fn sweep_sent(&self, cutoff: i64) -> Result<u32> {
        self.sweep(Kind::Sent, &self.sent_swept_at, cutoff).await
    }

    pub(super) async fn keep_inbound(&self, rows: &[PendingInboundRow<'_>]) -> Result<()> {
        let now = wacore::time::now_secs();
        let puts = rows.iter().map(|row| {
            Ok(StateWrite::Put(Kind::Inbound.key(&[row.chat, row.sender, row.id])?, stamp(now, row.message)))
        });
        self.commit(super::lid::last_of_each_key(puts.collect::<Result<_>>()?)).await
    }

    pub(super) async fn inbound(&self, chat: &str, sender: &str, id: &str) -> Result<Option<Vec<u8>>> {
        let Some(blob) = self.read(&Kind::Inbound.key(&[chat, sender, id])?).await? else { return Ok(None) };
        Ok(Some(unstamp(&blob)?.1.to_vec()))
    }

    pub(super) async fn forget_inbound(&self, keys: &[PendingInboundKey<'_>]) -> Result<()> {
        let deletes = keys
            .iter()
            .map(|key| Ok(StateWrite::Delete(Kind::Inbound.key(&[key.chat, key.sender, key.id])?)));
        self.commit(super::lid::last_of_each_key(deletes.collect::<Result<_>>()?)).await
    }

    pub(super) async fn sweep_inbound(&self, cutoff: i64) -> Result<u32> {
        self.sweep(Kind::Inbound, &self.inbound_swept_at, cutoff).await
    }

    /// Removes messages kept since before `cutoff`, at most once every half hour.
    async fn sweep(&self, kind: Kind, swept_at: &AtomicI64, cutoff: i64) -> Result<u32> {
        let now = wacore::time::now_secs();
        if now.saturating_sub(swept_at.load(Ordering::Relaxed)) < SWEEP_EVERY_SECONDS {
            return Ok(0);
        }
        let mut old = Vec::new();
        for (key, blob) in self.list(&kind.prefix("")).await? {
            if unstamp(&blob)?.0 < cutoff {
                old.push(StateWrite::Delete(key));
            }
        }
        let count = old.len() as u32;
        self.commit(old).await?;
        swept_at.store(now, Ordering::Relaxed);
        Ok(count)
    }
}
