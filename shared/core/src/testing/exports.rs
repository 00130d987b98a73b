//! Exports and their queue in memory.

use super::Switch;
use crate::ids::ExportId;
use crate::ports::{ExportQueue, Exports, Unavailable};
use crate::report::Export;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// [`Exports`] in memory.
#[derive(Debug, Default)]
pub struct MemoryExports {
    /// Whether it answers.
    pub switch: Switch,
    exports: Mutex<HashMap<ExportId, Export>>,
}

impl MemoryExports {
    /// Every export, in no order.
    pub fn all(&self) -> Vec<Export> {
        self.exports().values().cloned().collect()
    }

    fn exports(&self) -> MutexGuard<'_, HashMap<ExportId, Export>> {
        self.exports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Exports for MemoryExports {
    async fn create(&self, export: &Export) -> Result<Option<Export>, Unavailable> {
        self.switch.check("create")?;
        let mut exports = self.exports();
        if let Some(existing) = exports.get(&export.id) {
            return Ok(Some(existing.clone()).filter(|existing| existing != export));
        }
        exports.insert(export.id, export.clone());
        Ok(None)
    }

    async fn find(&self, id: ExportId) -> Result<Option<Export>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.exports().get(&id).cloned())
    }

    async fn save(&self, export: &mut Export) -> Result<bool, Unavailable> {
        self.switch.check("save")?;
        let mut exports = self.exports();
        let Some(stored) = exports.get_mut(&export.id).filter(|stored| stored.revision == export.revision)
        else {
            return Ok(false);
        };
        export.revision += 1;
        stored.clone_from(export);
        Ok(true)
    }
}

/// [`ExportQueue`] in memory: what was pushed stays until a test takes it.
#[derive(Debug, Default)]
pub struct MemoryExportQueue {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<(ExportId, Duration)>>,
}

impl MemoryExportQueue {
    /// Takes what was pushed since the last time, with the delays.
    pub fn take(&self) -> Vec<(ExportId, Duration)> {
        std::mem::take(&mut *self.pushed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl ExportQueue for MemoryExportQueue {
    async fn push(&self, id: ExportId, delay: Duration) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).push((id, delay));
        Ok(())
    }
}
