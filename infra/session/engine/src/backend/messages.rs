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

/// How long to wait before a row is tried to be written again, in milliseconds. Its chat waits meanwhile, and nothing else does.
const AGAIN: [u64; 7] = [50, 100, 200, 400, 800, 1600, 3200];

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
        let rows = rows
            .iter()
            .map(|row| Ok((Kind::Inbound.key(&[row.chat, row.sender, row.id])?, stamp(now, row.message))));
        self.owed.add(rows.collect::<Result<_>>()?);
        // What is not written by then comes again over the next connection: the library finds it among those that are owed.
        self.try_for_long(&AGAIN, || self.commit_after_owed(Vec::new()), |_| true).await
    }

    pub(super) async fn inbound(&self, chat: &str, sender: &str, id: &str) -> Result<Option<Vec<u8>>> {
        let key = Kind::Inbound.key(&[chat, sender, id])?;
        let blob = match self.owed.get(&key) {
            Some(owed) => Some(owed),
            None => self.read(&key).await?,
        };
        blob.map(|blob| Ok(unstamp(&blob)?.1.to_vec())).transpose()
    }

    pub(super) async fn forget_inbound(&self, keys: &[PendingInboundKey<'_>]) -> Result<()> {
        let keys = keys.iter().map(|key| Kind::Inbound.key(&[key.chat, key.sender, key.id]));
        let keys: Vec<_> = keys.collect::<Result<_>>()?;
        keys.iter().for_each(|key| self.owed.forget(key));
        let deletes = keys.into_iter().map(StateWrite::Delete).collect();
        self.commit(super::lid::last_of_each_key(deletes)).await
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
