//! Events in memory.

use super::Switch;
use crate::ids::UserId;
use crate::ports::{Events, Unavailable};
use crate::webhook::{Event, EventKind};
use async_trait::async_trait;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Events`] in memory: what was published stays, in its order. An event that is published again is kept once.
#[derive(Debug, Default)]
pub struct MemoryEvents {
    /// Whether it answers.
    pub switch: Switch,
    published: Mutex<Vec<(UserId, Event)>>,
}

impl MemoryEvents {
    /// Everything that was published so far, in its order.
    pub fn published(&self) -> Vec<(UserId, Event)> {
        self.all().clone()
    }

    /// What was published of one kind, in its order.
    pub fn of_kind(&self, kind: EventKind) -> Vec<Event> {
        self.all().iter().filter(|(_, event)| event.kind == kind).map(|(_, event)| event.clone()).collect()
    }

    fn all(&self) -> MutexGuard<'_, Vec<(UserId, Event)>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Events for MemoryEvents {
    async fn publish(&self, user: UserId, event: &Event) -> Result<(), Unavailable> {
        self.switch.check("publish")?;
        let mut all = self.all();
        if !all.iter().any(|(owner, known)| *owner == user && known.id == event.id) {
            all.push((user, event.clone()));
        }
        Ok(())
    }
}
