//! The queue to `dispatch` in memory.

use super::Switch;
use crate::command::SendAccepted;
use crate::phone::Phone;
use crate::ports::{SendQueue, Unavailable};
use async_trait::async_trait;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A signal that was put in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedSend {
    /// The number whose line it is.
    pub from: Phone,
    /// The signal.
    pub accepted: SendAccepted,
    /// Which attempt it is.
    pub attempt: u32,
}

/// [`SendQueue`] in memory.
#[derive(Debug, Default)]
pub struct MemorySendQueue {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<PushedSend>>,
}

impl MemorySendQueue {
    /// Everything in line, doubled attempts left out.
    pub fn pushed(&self) -> Vec<PushedSend> {
        self.line().clone()
    }

    /// Makes another one hold what this one does.
    pub fn copy_to(&self, other: &Self) {
        let line = self.pushed();
        *other.line() = line;
    }

    fn line(&self) -> MutexGuard<'_, Vec<PushedSend>> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SendQueue for MemorySendQueue {
    async fn push(&self, from: &Phone, accepted: &SendAccepted, attempt: u32) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        let pushed = PushedSend { from: from.clone(), accepted: accepted.clone(), attempt };
        let mut line = self.line();
        if !line.contains(&pushed) {
            line.push(pushed);
        }
        Ok(())
    }
}
