//! Alarms in memory.

use super::Switch;
use crate::command::Alarm;
use crate::ports::{Alarms, Unavailable, WakeQueue};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// [`Alarms`] in memory.
#[derive(Debug, Default)]
pub struct MemoryAlarms {
    /// Whether it answers.
    pub switch: Switch,
    set: Mutex<BTreeSet<Alarm>>,
    writes: Mutex<usize>,
}

impl MemoryAlarms {
    /// The alarms that are set, oldest first.
    pub fn all(&self) -> Vec<Alarm> {
        self.alarms().iter().cloned().collect()
    }

    /// How often an alarm was set.
    pub fn writes(&self) -> usize {
        *self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alarms(&self) -> MutexGuard<'_, BTreeSet<Alarm>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Alarms for MemoryAlarms {
    async fn set(&self, alarm: &Alarm) -> Result<(), Unavailable> {
        self.switch.check("set")?;
        *self.writes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.alarms().insert(alarm.clone());
        Ok(())
    }

    async fn until(
        &self,
        until: Timestamp,
        after: Option<&Alarm>,
        limit: usize,
    ) -> Result<Vec<Alarm>, Unavailable> {
        self.switch.check("until")?;
        let alarms = self.alarms();
        let due = alarms.iter().filter(|alarm| alarm.at <= until && after.is_none_or(|last| *alarm > last));
        Ok(due.take(limit).cloned().collect())
    }

    async fn clear(&self, alarm: &Alarm) -> Result<(), Unavailable> {
        self.switch.check("clear")?;
        self.alarms().remove(alarm);
        Ok(())
    }
}

/// [`WakeQueue`] in memory.
#[derive(Debug, Default)]
pub struct MemoryWakes {
    /// Whether it answers.
    pub switch: Switch,
    pushed: Mutex<Vec<(Alarm, Duration)>>,
}

impl MemoryWakes {
    /// Every alarm that was put in it, with its delay.
    pub fn pushed(&self) -> Vec<(Alarm, Duration)> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl WakeQueue for MemoryWakes {
    async fn push(&self, alarm: &Alarm, delay: Duration) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).push((alarm.clone(), delay));
        Ok(())
    }

    async fn push_all(&self, alarms: &[(Alarm, Duration)]) -> Result<(), Unavailable> {
        self.switch.check("push_all")?;
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(alarms);
        Ok(())
    }
}
