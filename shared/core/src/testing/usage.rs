//! Counted sends in memory.

use super::Switch;
use crate::ids::UserId;
use crate::ports::{Unavailable, Usage};
use async_trait::async_trait;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Usage`] in memory.
#[derive(Debug, Default)]
pub struct MemoryUsage {
    /// Whether it answers.
    pub switch: Switch,
    counts: Mutex<BTreeMap<(UserId, Date), u32>>,
}

impl MemoryUsage {
    /// How many are counted for a tenant over all days.
    pub fn total(&self, user: UserId) -> u32 {
        self.counts().iter().filter(|((of, _), _)| *of == user).map(|(_, count)| count).sum()
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<(UserId, Date), u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Usage for MemoryUsage {
    async fn count(&self, user: UserId, day: Date, limit: Option<u32>) -> Result<bool, Unavailable> {
        self.switch.check("count")?;
        let mut counts = self.counts();
        let counted = counts.get(&(user, day)).copied().unwrap_or_default();
        let admitted = limit.is_none_or(|limit| counted < limit);
        if admitted {
            counts.insert((user, day), counted + 1);
        }
        Ok(admitted)
    }

    async fn give_back(&self, user: UserId, day: Date) -> Result<(), Unavailable> {
        self.switch.check("give_back")?;
        if let Some(count) = self.counts().get_mut(&(user, day)) {
            *count = count.saturating_sub(1);
        }
        Ok(())
    }

    async fn counted(&self, user: UserId, first: Date, last: Date) -> Result<Vec<(Date, u32)>, Unavailable> {
        self.switch.check("counted")?;
        let counts = self.counts();
        let own = counts
            .iter()
            .filter(|((of, day), count)| *of == user && (first..=last).contains(day) && **count > 0);
        Ok(own.map(|((_, day), count)| (*day, *count)).collect())
    }
}
