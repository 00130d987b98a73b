//! The trail of the operator's actions in memory.

use super::Switch;
use crate::audit::{AuditEntry, AuditPlace};
use crate::ports::{AuditPage, AuditTrail, MAX_AUDIT_PAGE, Unavailable};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`AuditTrail`] in memory.
#[derive(Debug, Default)]
pub struct MemoryAudit {
    /// Whether it answers.
    pub switch: Switch,
    entries: Mutex<BTreeMap<AuditPlace, AuditEntry>>,
}

impl MemoryAudit {
    /// Every entry as `action to`, the oldest first.
    pub fn told(&self) -> Vec<String> {
        self.entries().values().map(|entry| format!("{} {}", entry.action, entry.to)).collect()
    }

    /// Every entry, the oldest first.
    pub fn all(&self) -> Vec<AuditEntry> {
        self.entries().values().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<AuditPlace, AuditEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl AuditTrail for MemoryAudit {
    async fn append(&self, entry: &AuditEntry) -> Result<(), Unavailable> {
        self.switch.check("append")?;
        self.entries().entry(entry.place()).or_insert_with(|| entry.clone());
        Ok(())
    }

    async fn page(&self, before: Option<AuditPlace>, limit: usize) -> Result<AuditPage, Unavailable> {
        self.switch.check("page")?;
        let entries = self.entries();
        let older = entries.values().rev().filter(|entry| before.is_none_or(|before| entry.place() < before));
        let mut older = older.cloned();
        let entries: Vec<AuditEntry> = older.by_ref().take(limit.clamp(1, MAX_AUDIT_PAGE)).collect();
        let next = older.next().and(entries.last()).map(AuditEntry::place);
        Ok(AuditPage { entries, next })
    }
}
