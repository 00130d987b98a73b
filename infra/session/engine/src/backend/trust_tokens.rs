//! Trusted-contact tokens. Two writers share a row, one its token and one its sender time, so each merge holds the lock.

use super::StateBackend;
use super::key::{Kind, last_part};
use super::record::{from_json, to_json};
use carteiro_core::ports::StateWrite;
use wacore::store::error::Result;
use wacore::store::traits::TcTokenEntry;

impl StateBackend {
    pub(super) async fn trust_token(&self, jid: &str) -> Result<Option<TcTokenEntry>> {
        self.read(&Kind::TrustToken.key(&[jid])?).await?.map(|blob| from_json(&blob)).transpose()
    }

    async fn write_trust_token(&self, jid: &str, entry: &TcTokenEntry) -> Result<()> {
        self.put(Kind::TrustToken.key(&[jid])?, to_json(entry)?).await
    }

    pub(super) async fn replace_trust_token(&self, jid: &str, entry: &TcTokenEntry) -> Result<()> {
        let _held = self.exclusive().await;
        self.write_trust_token(jid, entry).await
    }

    pub(super) async fn forget_trust_token(&self, jid: &str) -> Result<()> {
        let _held = self.exclusive().await;
        self.delete(Kind::TrustToken.key(&[jid])?).await
    }

    pub(super) async fn trust_token_jids(&self) -> Result<Vec<String>> {
        Ok(self.list(&Kind::TrustToken.prefix("")).await?.iter().map(|(key, _)| last_part(key)).collect())
    }

    /// The sender time only moves forward.
    pub(super) async fn advance_sender_time(&self, jid: &str, to: i64) -> Result<()> {
        let _held = self.exclusive().await;
        let mut entry = self.trust_token(jid).await?.unwrap_or(TcTokenEntry {
            token: Vec::new(),
            token_timestamp: to,
            sender_timestamp: None,
        });
        entry.sender_timestamp = Some(entry.sender_timestamp.map_or(to, |from| from.max(to)));
        self.write_trust_token(jid, &entry).await
    }

    /// The newer token wins; the sender time stays.
    pub(super) async fn receive_trust_token(&self, jid: &str, token: &[u8], at: i64) -> Result<()> {
        let _held = self.exclusive().await;
        let stored = self.trust_token(jid).await?;
        if stored.as_ref().is_some_and(|stored| !stored.token.is_empty() && at < stored.token_timestamp) {
            return Ok(());
        }
        let entry = TcTokenEntry {
            token: token.to_vec(),
            token_timestamp: at,
            sender_timestamp: stored.and_then(|stored| stored.sender_timestamp),
        };
        self.write_trust_token(jid, &entry).await
    }

    /// Removes the rows whose token and whose sender time are both past.
    pub(super) async fn drop_stale_trust_tokens(&self, token_cutoff: i64, sender_cutoff: i64) -> Result<u32> {
        let _held = self.exclusive().await;
        let mut stale = Vec::new();
        for (key, blob) in self.list(&Kind::TrustToken.prefix("")).await? {
            let entry: TcTokenEntry = from_json(&blob)?;
            let token_lives = !entry.token.is_empty() && entry.token_timestamp >= token_cutoff;
            let sender_lives = entry.sender_timestamp.is_some_and(|at| at >= sender_cutoff);
            if !token_lives && !sender_lives {
                stale.push(StateWrite::Delete(key));
            }
        }
        let count = stale.len() as u32;
        self.commit(stale).await?;
        Ok(count)
    }
}
