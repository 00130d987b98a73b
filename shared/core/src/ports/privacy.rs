//! Personal data wherever it stands, and the operations on it.

use super::Unavailable;
use crate::ids::{PrivacyId, UserId};
use crate::phone::Phone;
use crate::privacy::{Names, PrivacyOperation, PrivacyScope};
use async_trait::async_trait;
use serde_json::Value;
use std::time::Duration;

/// Exports of personal data, and its erasures.
#[async_trait]
pub trait PrivacyOperations: Send + Sync + 'static {
    /// Stores a new operation, unless there is one of its id: that one is answered then, unchanged.
    async fn create(&self, operation: &PrivacyOperation) -> Result<Option<PrivacyOperation>, Unavailable>;

    /// One operation (strongly consistent).
    async fn find(&self, id: PrivacyId) -> Result<Option<PrivacyOperation>, Unavailable>;

    /// Stores an operation in place of the one that it was made of, and counts its revision on. `false`, and no change, when
    /// another has saved it since.
    async fn save(&self, operation: &mut PrivacyOperation) -> Result<bool, Unavailable>;
}

/// The queue of operations that are to be gone on with.
#[async_trait]
pub trait PrivacyQueue: Send + Sync + 'static {
    /// Puts an operation in line, to come out after `delay` (15 minutes at most) or later. It may come out more than once.
    async fn push(&self, id: PrivacyId, delay: Duration) -> Result<(), Unavailable>;
}

/// Something that is kept.
#[derive(Clone, PartialEq)]
pub struct PersonalRecord {
    /// Of what kind: `sends`, `messages`, `contacts`, …
    pub kind: &'static str,
    /// As a person may read it. It holds no secret that would let somebody in.
    pub content: Value,
}

/// Some of what is kept.
#[derive(Clone, Default, PartialEq)]
pub struct RecordPage {
    /// The records; none may be among those of a page that was gone through.
    pub records: Vec<PersonalRecord>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// Some of what was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasedPage {
    /// How many records of each kind.
    pub erased: Vec<(&'static str, u64)>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// Everything that is kept of people and of tenants, gone through in one order that lasts.
#[async_trait]
pub trait PersonalData: Send + Sync + 'static {
    /// The numbers that a tenant has as workers, and all that it has or had.
    async fn numbers(&self, user: UserId) -> Result<(Vec<Phone>, Vec<Phone>), Unavailable>;

    /// What else these workers know a person by.
    async fn names(&self, workers: &[Phone], person: &Phone) -> Result<Names, Unavailable>;

    /// Some records of a scope, those from `from` on.
    async fn read(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<RecordPage, Unavailable>;

    /// Erases some records of a scope, those from `from` on. Safe to repeat: what is gone is not there to be erased. What came
    /// after the first page was gone through may stay.
    async fn erase(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<ErasedPage, Unavailable>;
}
