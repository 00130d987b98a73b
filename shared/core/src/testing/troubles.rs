//! Ports that fail at a planned call.

use crate::bulk::{Bulk, BulkPlace, BulkWanted};
use crate::command::SendAccepted;
use crate::ids::{BulkId, ExportId, IdempotencyKey, SendId, UserId};
use crate::object::ObjectKey;
use crate::phone::Phone;
use crate::ports::{BulkList, BulkQueue, BulkSends, Bulks, CreatedBulk, SendQueue, Usage};
use crate::ports::{
    ExportQueue, Exports, ObjectBody, ObjectParts, Objects, Page, PageKey, PartTag, PartsError, PartsId,
    SendHistory, StatusPage, StoredObject, Unavailable,
};
use crate::report::{Export, Subject};
use crate::send::{Send, Status};
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It fails and nothing was done.
    FailsBefore,
    /// It is done and yet fails: the answer is lost.
    FailsAfter,
    /// The caller dies before it: neither this call nor a later one does anything, until [`Troubles::revive`].
    DiesBefore,
    /// The caller dies after it.
    DiesAfter,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Trouble; 4] =
        [Trouble::FailsBefore, Trouble::FailsAfter, Trouble::DiesBefore, Trouble::DiesAfter];
}

#[derive(Debug, Default)]
struct State {
    calls: usize,
    dead: bool,
    planned: BTreeMap<usize, Trouble>,
}

/// Counts the calls of all ports that share it and brings trouble to some.
#[derive(Debug, Default)]
pub struct Troubles(Mutex<State>);

impl Troubles {
    /// Brings trouble to the call of that number, counted from 0.
    pub fn plan(&self, call: usize, trouble: Trouble) {
        self.state().planned.insert(call, trouble);
    }

    /// Brings no trouble any more, and the caller lives.
    pub fn clear(&self) {
        let mut state = self.state();
        state.planned.clear();
        state.dead = false;
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// The caller lives again. Whether it was dead.
    pub fn revive(&self) -> bool {
        std::mem::take(&mut self.state().dead)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a call does first: whether it is to fail when it is done.
    fn before(&self) -> Result<bool, Unavailable> {
        let mut state = self.state();
        if state.dead {
            return Err(trouble());
        }
        let call = state.calls;
        state.calls += 1;
        match state.planned.remove(&call) {
            None => Ok(false),
            Some(Trouble::FailsAfter) => Ok(true),
            Some(Trouble::FailsBefore) => Err(trouble()),
            Some(Trouble::DiesAfter) => {
                state.dead = true;
                Ok(true)
            }
            Some(Trouble::DiesBefore) => {
                state.dead = true;
                Err(trouble())
            }
        }
    }
}

fn trouble() -> Unavailable {
    Unavailable::new("a call", "trouble planned by the test")
}

/// A port to which [`Troubles`] come.
pub struct Troubled<T> {
    inner: Arc<T>,
    troubles: Arc<Troubles>,
}

impl<T> Troubled<T> {
    /// Brings these troubles to that port.
    pub fn new(inner: Arc<T>, troubles: Arc<Troubles>) -> Self {
        Self { inner, troubles }
    }
}

/// A call that may meet trouble.
macro_rules! troubled {
    ($self:ident, $call:expr) => {{
        let fails = $self.troubles.before()?;
        let answer = $call.await;
        if fails { Err(trouble().into()) } else { answer }
    }};
}

mod privacy;

#[async_trait]
impl<T: SendHistory> SendHistory for Troubled<T> {
    async fn page(&self, of: &Subject, after: Option<&PageKey>, limit: usize) -> Result<Page, Unavailable> {
        troubled!(self, self.inner.page(of, after, limit))
    }

    async fn statuses(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<StatusPage, Unavailable> {
        troubled!(self, self.inner.statuses(of, after, limit))
    }
}

#[async_trait]
impl<T: Exports> Exports for Troubled<T> {
    async fn create(&self, export: &Export) -> Result<Option<Export>, Unavailable> {
        troubled!(self, self.inner.create(export))
    }

    async fn find(&self, id: ExportId) -> Result<Option<Export>, Unavailable> {
        troubled!(self, self.inner.find(id))
    }

    async fn save(&self, export: &mut Export) -> Result<bool, Unavailable> {
        // A caller that hears nothing does not know the new revision either.
        let mut copy = export.clone();
        let saved = troubled!(self, self.inner.save(&mut copy))?;
        *export = copy;
        Ok(saved)
    }
}

#[async_trait]
impl<T: ExportQueue> ExportQueue for Troubled<T> {
    async fn push(&self, id: ExportId, delay: Duration) -> Result<(), Unavailable> {
        troubled!(self, self.inner.push(id, delay))
    }
}

#[async_trait]
impl<T: ObjectParts> ObjectParts for Troubled<T> {
    async fn begin(&self, key: &ObjectKey, content_type: &str) -> Result<PartsId, Unavailable> {
        troubled!(self, self.inner.begin(key, content_type))
    }

    async fn put_part(
        &self,
        key: &ObjectKey,
        id: &PartsId,
        number: u32,
        bytes: Bytes,
    ) -> Result<PartTag, PartsError> {
        troubled!(self, self.inner.put_part(key, id, number, bytes))
    }

    async fn complete(&self, key: &ObjectKey, id: &PartsId, parts: &[PartTag]) -> Result<(), PartsError> {
        troubled!(self, self.inner.complete(key, id, parts))
    }

    async fn abort(&self, key: &ObjectKey, id: &PartsId) -> Result<(), Unavailable> {
        troubled!(self, self.inner.abort(key, id))
    }
}

#[async_trait]
impl<T: Objects> Objects for Troubled<T> {
    async fn put(&self, key: &ObjectKey, body: ObjectBody, content_type: &str) -> Result<(), Unavailable> {
        troubled!(self, self.inner.put(key, body, content_type))
    }

    async fn find(&self, key: &ObjectKey) -> Result<Option<StoredObject>, Unavailable> {
        troubled!(self, self.inner.find(key))
    }

    async fn download(&self, key: &ObjectKey, to: &Path) -> Result<Option<u64>, Unavailable> {
        troubled!(self, self.inner.download(key, to))
    }

    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>, Unavailable> {
        troubled!(self, self.inner.read(key, offset, length))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Unavailable> {
        troubled!(self, self.inner.delete(key))
    }
}

#[async_trait]
impl<T: Bulks> Bulks for Troubled<T> {
    async fn create(
        &self,
        bulk: &Bulk,
        key: &IdempotencyKey,
        until: Timestamp,
    ) -> Result<CreatedBulk, Unavailable> {
        troubled!(self, self.inner.create(bulk, key, until))
    }

    async fn named(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Bulk>, Unavailable> {
        troubled!(self, self.inner.named(user, key, now))
    }

    async fn find(&self, id: BulkId) -> Result<Option<Bulk>, Unavailable> {
        troubled!(self, self.inner.find(id))
    }

    async fn of_user(
        &self,
        user: UserId,
        before: Option<BulkPlace>,
        limit: usize,
    ) -> Result<BulkList, Unavailable> {
        troubled!(self, self.inner.of_user(user, before, limit))
    }

    async fn save(&self, bulk: &mut Bulk) -> Result<bool, Unavailable> {
        // A caller that hears nothing does not know the new revision either.
        let mut copy = bulk.clone();
        let saved = troubled!(self, self.inner.save(&mut copy))?;
        *bulk = copy;
        Ok(saved)
    }
}

#[async_trait]
impl<T: BulkSends> BulkSends for Troubled<T> {
    async fn statuses(&self, ids: &[SendId]) -> Result<Vec<Option<Status>>, Unavailable> {
        troubled!(self, self.inner.statuses(ids))
    }

    async fn sends(&self, ids: &[SendId]) -> Result<Vec<Option<Send>>, Unavailable> {
        troubled!(self, self.inner.sends(ids))
    }
}

#[async_trait]
impl<T: BulkQueue> BulkQueue for Troubled<T> {
    async fn push(&self, wanted: &BulkWanted, delay: Duration) -> Result<(), Unavailable> {
        troubled!(self, self.inner.push(wanted, delay))
    }
}

#[async_trait]
impl<T: SendQueue> SendQueue for Troubled<T> {
    async fn push(&self, from: &Phone, accepted: &SendAccepted, attempt: u32) -> Result<(), Unavailable> {
        troubled!(self, self.inner.push(from, accepted, attempt))
    }
}

#[async_trait]
impl<T: Usage> Usage for Troubled<T> {
    async fn count(&self, user: UserId, day: Date, limit: Option<u32>) -> Result<bool, Unavailable> {
        troubled!(self, self.inner.count(user, day, limit))
    }

    async fn give_back(&self, user: UserId, day: Date) -> Result<(), Unavailable> {
        troubled!(self, self.inner.give_back(user, day))
    }

    async fn counted(&self, user: UserId, first: Date, last: Date) -> Result<Vec<(Date, u32)>, Unavailable> {
        troubled!(self, self.inner.counted(user, first, last))
    }
}
