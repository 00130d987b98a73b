//! Prepared files in memory.

use super::Switch;
use crate::ids::SendId;
use crate::media::Prepared;
use crate::ports::{Preparations, Unavailable};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Preparations`] in memory.
#[derive(Debug, Default)]
pub struct MemoryPreparations {
    /// Whether it answers.
    pub switch: Switch,
    stored: Mutex<HashMap<SendId, (Prepared, Timestamp)>>,
}

impl MemoryPreparations {
    /// Until when what was prepared for a send is kept, if anything was.
    pub fn kept_until(&self, send: SendId) -> Option<Timestamp> {
        self.stored().get(&send).map(|(_, until)| *until)
    }

    fn stored(&self) -> MutexGuard<'_, HashMap<SendId, (Prepared, Timestamp)>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Preparations for MemoryPreparations {
    async fn put(&self, send: SendId, prepared: &Prepared, until: Timestamp) -> Result<(), Unavailable> {
        self.switch.check("put")?;
        self.stored().insert(send, (prepared.clone(), until));
        Ok(())
    }

    async fn find(&self, send: SendId) -> Result<Option<Prepared>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.stored().get(&send).map(|(prepared, _)| prepared.clone()))
    }

    async fn forget(&self, send: SendId) -> Result<(), Unavailable> {
        self.switch.check("forget")?;
        self.stored().remove(&send);
        Ok(())
    }
}
