//! Bulk operations and their queue in memory.

use super::{MemorySends, Switch};
use crate::bulk::{Bulk, BulkPlace, BulkWanted};
use crate::ids::{BulkId, IdempotencyKey, SendId, UserId};
use crate::ports::{BulkList, BulkQueue, BulkSends, Bulks, CreatedBulk, Unavailable};
use crate::send::{Send, Status};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
struct Stored {
    bulks: HashMap<BulkId, Bulk>,
    keys: HashMap<(UserId, String), (BulkId, Timestamp)>,
}

impl Stored {
    fn named(&self, user: UserId, key: &IdempotencyKey, now: Timestamp) -> Option<Bulk> {
        let (id, until) = self.keys.get(&(user, key.as_str().to_owned()))?;
        self.bulks.get(id).filter(|_| now < *until).cloned()
    }
}

/// [`Bulks`] in memory.
#[derive(Debug, Default)]
pub struct MemoryBulks {
    /// Whether it answers.
    pub switch: Switch,
    stored: Mutex<Stored>,
}

impl MemoryBulks {
    /// Every operation, in no order.
    pub fn all(&self) -> Vec<Bulk> {
        self.stored().bulks.values().cloned().collect()
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Bulks for MemoryBulks {
    async fn create(
        &self,
        bulk: &Bulk,
        key: &IdempotencyKey,
        until: Timestamp,
    ) -> Result<CreatedBulk, Unavailable> {
        self.switch.check("create")?;
        let mut stored = self.stored();
        if let Some(existing) = stored.named(bulk.user, key, bulk.created_at) {
            // Said twice, it is this one.
            let is_this = existing.id == bulk.id;
            return Ok(if is_this { CreatedBulk::New } else { CreatedBulk::Existing(Box::new(existing)) });
        }
        stored.bulks.insert(bulk.id, bulk.clone());
        stored.keys.insert((bulk.user, key.as_str().to_owned()), (bulk.id, until));
        Ok(CreatedBulk::New)
    }

    async fn named(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Bulk>, Unavailable> {
        self.switch.check("named")?;
        Ok(self.stored().named(user, key, now))
    }

    async fn find(&self, id: BulkId) -> Result<Option<Bulk>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.stored().bulks.get(&id).cloned())
    }

    async fn of_user(
        &self,
        user: UserId,
        before: Option<BulkPlace>,
        limit: usize,
    ) -> Result<BulkList, Unavailable> {
        self.switch.check("of_user")?;
        let is_older = |bulk: &Bulk| before.is_none_or(|before| bulk.place() < before);
        let mut older: Vec<Bulk> =
            self.all().into_iter().filter(|bulk| bulk.user == user && is_older(bulk)).collect();
        older.sort_by_key(|bulk| std::cmp::Reverse(bulk.place()));
        let more = older.len() > limit;
        older.truncate(limit);
        let next = older.last().filter(|_| more).map(Bulk::place);
        Ok(BulkList { bulks: older, next })
    }

    async fn save(&self, bulk: &mut Bulk) -> Result<bool, Unavailable> {
        self.switch.check("save")?;
        let mut stored = self.stored();
        let same = |stored: &&mut Bulk| stored.revision == bulk.revision;
        let Some(kept) = stored.bulks.get_mut(&bulk.id).filter(same) else { return Ok(false) };
        bulk.revision += 1;
        kept.clone_from(bulk);
        Ok(true)
    }
}

#[async_trait]
impl BulkSends for MemorySends {
    async fn statuses(&self, ids: &[SendId]) -> Result<Vec<Option<Status>>, Unavailable> {
        self.switch.check("statuses")?;
        Ok(ids.iter().map(|id| self.peek(*id).map(|send| send.status)).collect())
    }

    async fn sends(&self, ids: &[SendId]) -> Result<Vec<Option<Send>>, Unavailable> {
        self.switch.check("sends")?;
        Ok(ids.iter().map(|id| self.peek(*id)).collect())
    }
}

/// [`BulkQueue`] in memory: what was pushed stays until a test takes it.
#[derive(Debug, Default)]
pub struct MemoryBulkQueue {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<(BulkWanted, Duration)>>,
}

impl MemoryBulkQueue {
    /// Takes what was pushed since the last time, with the delays.
    pub fn take(&self) -> Vec<(BulkWanted, Duration)> {
        std::mem::take(&mut *self.pushed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl BulkQueue for MemoryBulkQueue {
    async fn push(&self, wanted: &BulkWanted, delay: Duration) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).push((wanted.clone(), delay));
        Ok(())
    }
}
