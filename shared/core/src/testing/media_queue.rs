//! The queue of received files in memory.

use super::Switch;
use crate::command::MediaReceived;
use crate::ports::{MediaQueue, Unavailable};
use async_trait::async_trait;
use std::sync::{Mutex, PoisonError};

/// [`MediaQueue`] in memory.
#[derive(Debug, Default)]
pub struct MemoryMediaQueue {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<MediaReceived>>,
}

impl MemoryMediaQueue {
    /// Everything that was asked for, in its order.
    pub fn pushed(&self) -> Vec<MediaReceived> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl MediaQueue for MemoryMediaQueue {
    async fn push(&self, received: &MediaReceived) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).push(received.clone());
        Ok(())
    }
}
