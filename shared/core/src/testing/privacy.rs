//! Personal data, operations on it and their queue in memory.

use super::Switch;
use crate::ids::{PrivacyId, UserId};
use crate::phone::Phone;
use crate::ports::{
    ErasedPage, PersonalData, PersonalRecord, PrivacyOperations, PrivacyQueue, RecordPage, Unavailable,
};
use crate::privacy::{Names, PrivacyOperation, PrivacyScope};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// [`PrivacyOperations`] and [`PrivacyQueue`] in memory: what was pushed stays until a test takes it.
#[derive(Debug, Default)]
pub struct MemoryPrivacy {
    /// Whether it answers.
    pub switch: Switch,
    operations: Mutex<HashMap<PrivacyId, PrivacyOperation>>,
    pushed: Mutex<Vec<(PrivacyId, Duration)>>,
}

impl MemoryPrivacy {
    /// Takes what was pushed since the last time, with the delays.
    pub fn take(&self) -> Vec<(PrivacyId, Duration)> {
        std::mem::take(&mut *lock(&self.pushed))
    }

    /// Every operation, in no order.
    pub fn all(&self) -> Vec<PrivacyOperation> {
        lock(&self.operations).values().cloned().collect()
    }
}

#[async_trait]
impl PrivacyOperations for MemoryPrivacy {
    async fn create(&self, operation: &PrivacyOperation) -> Result<Option<PrivacyOperation>, Unavailable> {
        self.switch.check("create")?;
        let mut operations = lock(&self.operations);
        if let Some(existing) = operations.get(&operation.id) {
            return Ok(Some(existing.clone()).filter(|existing| existing != operation));
        }
        operations.insert(operation.id, operation.clone());
        Ok(None)
    }

    async fn find(&self, id: PrivacyId) -> Result<Option<PrivacyOperation>, Unavailable> {
        self.switch.check("find")?;
        Ok(lock(&self.operations).get(&id).cloned())
    }

    async fn save(&self, operation: &mut PrivacyOperation) -> Result<bool, Unavailable> {
        self.switch.check("save")?;
        let mut operations = lock(&self.operations);
        let stored = operations.get_mut(&operation.id).filter(|stored| stored.revision == operation.revision);
        let Some(stored) = stored else { return Ok(false) };
        operation.revision += 1;
        stored.clone_from(operation);
        Ok(true)
    }
}

#[async_trait]
impl PrivacyQueue for MemoryPrivacy {
    async fn push(&self, id: PrivacyId, delay: Duration) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        lock(&self.pushed).push((id, delay));
        Ok(())
    }
}

/// [`PersonalData`] in memory: records of one tenant, which name people in their content, three a page.
#[derive(Default)]
pub struct MemoryPersonalData {
    /// Whether it answers.
    pub switch: Switch,
    /// The tenant's workers.
    pub workers: Mutex<Vec<Phone>>,
    records: Mutex<Vec<Option<PersonalRecord>>>,
}

const PAGE: usize = 3;

impl MemoryPersonalData {
    /// Adds a record.
    pub fn add(&self, kind: &'static str, content: &str) {
        lock(&self.records).push(Some(PersonalRecord { kind, content: content.into() }));
    }

    /// What is left, in its order.
    pub fn left(&self) -> Vec<String> {
        let records = lock(&self.records);
        records
            .iter()
            .flatten()
            .map(|record| record.content.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The places of the records of a page that are in the scope, and where the next one begins.
    fn page(&self, scope: &PrivacyScope, from: Option<&str>) -> (Vec<usize>, Option<String>) {
        let records = lock(&self.records);
        let from = from.and_then(|from| from.parse().ok()).unwrap_or(0);
        let end = records.len().min(from + PAGE);
        let covered = |place: &usize| {
            let record = records.get(*place).and_then(Option::as_ref);
            record.is_some_and(|record| scope.covers(record.content.as_str()))
        };
        ((from..end).filter(covered).collect(), (end < records.len()).then(|| end.to_string()))
    }
}

#[async_trait]
impl PersonalData for MemoryPersonalData {
    async fn numbers(&self, _user: UserId) -> Result<(Vec<Phone>, Vec<Phone>), Unavailable> {
        self.switch.check("numbers")?;
        let workers = lock(&self.workers).clone();
        Ok((workers.clone(), workers))
    }

    async fn names(&self, _workers: &[Phone], person: &Phone) -> Result<Names, Unavailable> {
        self.switch.check("names")?;
        Ok(Names::of(person))
    }

    async fn read(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<RecordPage, Unavailable> {
        self.switch.check("read")?;
        let (places, next) = self.page(scope, from);
        let records = lock(&self.records);
        Ok(RecordPage { records: places.iter().filter_map(|place| records[*place].clone()).collect(), next })
    }

    async fn erase(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<ErasedPage, Unavailable> {
        self.switch.check("erase")?;
        let (places, next) = self.page(scope, from);
        let mut records = lock(&self.records);
        let taken = places.iter().filter_map(|place| records[*place].take());
        Ok(ErasedPage { erased: taken.map(|record| (record.kind, 1)).collect(), next })
    }
}
