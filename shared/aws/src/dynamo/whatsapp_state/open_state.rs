//! The state of one number, opened by one owner.

use super::blob::{BLOBS, Split, blob_sk, damaged, part_sk, split, unwrap};
use super::commit::groups;
use super::{HEAD, unavailable};
use crate::dynamo::item::{Item, n};
use crate::dynamo::table::{Query, Read, Table};
use crate::dynamo::transaction::Cancelled;
use crate::dynamo::write::Write;
use async_trait::async_trait;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::{StateError, StateKey, StateWrite, WhatsAppState};
use std::collections::HashMap;
use tokio::sync::Mutex;

/// An open state.
pub(super) struct OpenState {
    table: Table,
    pk: String,
    epoch: Epoch,
    /// The blobs in parts. Commits are made one after the other, under this lock: two at once would meet on the head.
    splits: Mutex<HashMap<String, Split>>,
}

/// The check that an epoch is still the latest.
pub(super) fn still(pk: &str, epoch: Epoch) -> Write {
    Write::check(pk, HEAD).when("#epoch = :epoch").value(":epoch", n(epoch.get()))
}

/// Makes a fenced transaction, whose first write checks the head.
pub(super) async fn transact(table: &Table, writes: &[Write]) -> Result<(), StateError> {
    match table.transact(writes).await {
        Ok(()) => Ok(()),
        Err(Cancelled::Refused(_)) => Err(StateError::Fenced),
        Err(other) => Err(unavailable(other.into_unavailable(table.operation("TransactWriteItems")))),
    }
}

impl OpenState {
    /// The state with these keys, claimed for `epoch`.
    pub(super) fn new(table: Table, pk: String, epoch: Epoch, splits: HashMap<String, Split>) -> Self {
        Self { table, pk, epoch, splits: Mutex::new(splits) }
    }

    /// The content of a blob's item.
    async fn content(&self, key: &str, item: &Item) -> Result<Vec<u8>, StateError> {
        let Some(split) = split(item)? else {
            return unwrap(item.bytes("data").map_err(damaged)?.to_vec());
        };
        let keys = (0..split.parts).map(|part| (self.pk.clone(), part_sk(key, split.generation, part)));
        let mut parts = self.table.get_many(keys, Read::Consistent).await.map_err(unavailable)?;
        if parts.len() != usize::from(split.parts) {
            return Err(StateError::Damaged(format!("{} of {} parts", parts.len(), split.parts)));
        }
        parts.sort_by(|a, b| a.text("sk").unwrap_or_default().cmp(b.text("sk").unwrap_or_default()));
        let mut wrapped = Vec::new();
        for part in &parts {
            wrapped.extend_from_slice(part.bytes("data").map_err(damaged)?);
        }
        unwrap(wrapped)
    }
}

#[async_trait]
impl WhatsAppState for OpenState {
    async fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        let item = self.table.get(&self.pk, blob_sk(key.as_str()), Read::Consistent).await;
        match item.map_err(unavailable)? {
            Some(item) => self.content(key.as_str(), &item).await.map(Some),
            None => Ok(None),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError> {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :prefix)", Read::Consistent)
            .value(":pk", &self.pk)
            .value(":prefix", blob_sk(prefix));
        let mut blobs = Vec::new();
        for item in self.table.query(query).await.map_err(unavailable)? {
            let key = item.one("sk", |sk| StateKey::new(sk.strip_prefix(BLOBS)?)).map_err(damaged)?;
            let content = self.content(key.as_str(), &item).await?;
            blobs.push((key, content));
        }
        Ok(blobs)
    }

    async fn commit(&self, writes: Vec<StateWrite>) -> Result<(), StateError> {
        let mut splits = self.splits.lock().await;
        for group in groups(&self.pk, self.epoch, writes, &splits)? {
            transact(&self.table, &group.writes).await?;
            for (key, split) in group.splits {
                match split {
                    Some(split) => splits.insert(key, split),
                    None => splits.remove(&key),
                };
            }
        }
        Ok(())
    }
}
