//! History that has come and was not read yet: a list, and a blob for each entry.

use super::StateBackend;
use super::key::Kind;
use super::record::{from_json, to_json};
use carteiro_core::ports::StateWrite;
use serde::{Deserialize, Serialize};
use wacore::store::error::Result;

/// A blob that waits to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shelved {
    /// What its blob is called; empty while it has none.
    pub(crate) name: String,
    /// WhatsApp's `HistorySyncType`, or [`Shelved::GROUPS`].
    pub(crate) kind: i32,
    /// How many bytes it has when it is decompressed.
    pub(crate) size: u64,
    /// The request that it answers.
    pub(crate) request: Option<String>,
}

impl Shelved {
    /// Not a blob, but the groups of the number, which are to be asked for.
    pub(crate) const GROUPS: i32 = -1;

    /// The groups of the number.
    pub(crate) fn groups() -> Self {
        Self { name: String::new(), kind: Self::GROUPS, size: 0, request: None }
    }
}

impl StateBackend {
    /// What waits, in the order in which it came.
    pub(crate) async fn shelved(&self) -> Result<Vec<Shelved>> {
        let list = self.read(&Kind::HistoryList.only()?).await?;
        list.map_or_else(|| Ok(Vec::new()), |list| from_json(&list))
    }

    /// Keeps a blob; gives the entry with its name.
    pub(crate) async fn shelve(&self, entry: &Shelved, blob: &[u8]) -> Result<Shelved> {
        let _held = self.exclusive().await;
        let mut list = self.shelved().await?;
        let now = wacore::time::now_millis();
        let names = (0..).map(|count: usize| format!("{now:x}-{count}"));
        let mut free = names.skip_while(|name| list.iter().any(|other| other.name == *name));
        let name = free.next().unwrap_or_default();
        let entry = Shelved { name, ..entry.clone() };
        list.push(entry.clone());
        // The blob first: a store that cannot write both at once then never lists what is not there.
        self.commit(vec![
            StateWrite::Put(Kind::History.key(&[&entry.name])?, blob.to_vec()),
            StateWrite::Put(Kind::HistoryList.only()?, to_json(&list)?),
        ])
        .await?;
        Ok(entry)
    }

    /// The blob of an entry.
    pub(crate) async fn unread(&self, entry: &Shelved) -> Result<Option<Vec<u8>>> {
        self.read(&Kind::History.key(&[&entry.name])?).await
    }

    /// Forgets what was read. Where that fails it is read again by the next session, which changes nothing.
    pub(crate) async fn unshelve(&self, entry: &Shelved) {
        if entry.name.is_empty() {
            return;
        }
        if self.try_unshelve(entry).await.is_err() {
            tracing::debug!("history that was read is still kept");
        }
    }

    async fn try_unshelve(&self, entry: &Shelved) -> Result<()> {
        let _held = self.exclusive().await;
        let mut list = self.shelved().await?;
        list.retain(|other| other.name != entry.name);
        let index = Kind::HistoryList.only()?;
        let index =
            if list.is_empty() { StateWrite::Delete(index) } else { StateWrite::Put(index, to_json(&list)?) };
        self.commit(vec![index, StateWrite::Delete(Kind::History.key(&[&entry.name])?)]).await
    }
}
