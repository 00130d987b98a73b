//! Setting the alarms of scheduled sends.

use super::recent::Recent;
use crate::command::Alarm;
use crate::ports::{Alarms, Clock, Unavailable, WakeQueue};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How far ahead the sweep, which comes each minute, has alarms ring. One that is nearer when it is set may be missed by it.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_secs(150);
/// How long after its time an alarm rings again each minute, lest a send that was being stored was missed.
pub(super) const AFTER: SignedDuration = SignedDuration::from_secs(120);
/// How long after its time a scheduled send that no alarm has released is due for a sweep.
pub(super) const BELATED: SignedDuration = SignedDuration::from_mins(15);
/// For how long an alarm that was set is not set again.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(10);
/// A send that is nearer has a ring of its own: the one before it may come before it is stored.
const CLOSE: SignedDuration = SignedDuration::from_secs(5);

/// Sets alarms, each once however many sends it is for.
pub(super) struct Timetable {
    alarms: Arc<dyn Alarms>,
    wakes: Arc<dyn WakeQueue>,
    clock: Arc<dyn Clock>,
    set: Recent<Alarm, ()>,
    rung: Recent<Alarm, ()>,
}

impl Timetable {
    pub(super) fn new(alarms: Arc<dyn Alarms>, wakes: Arc<dyn WakeQueue>, clock: Arc<dyn Clock>) -> Self {
        Self { alarms, wakes, clock, set: Recent::new(KNOWN_FOR), rung: Recent::new(KNOWN_FOR) }
    }

    /// Sets an alarm that is not over.
    pub(super) async fn set(&self, alarm: &Alarm) -> Result<(), Unavailable> {
        let now = self.clock.now();
        if self.set.get(alarm, now).is_none() {
            self.alarms.set(alarm).await?;
            self.set.remember(alarm.clone(), (), now);
        }
        Ok(())
    }

    /// Has an alarm ring if it is near; one that is not is left to the sweep.
    pub(super) async fn ring(&self, alarm: &Alarm) -> Result<(), Unavailable> {
        let now = self.clock.now();
        let ahead = alarm.at.duration_since(now);
        if ahead > AHEAD || (ahead > CLOSE && self.rung.get(alarm, now).is_some()) {
            return Ok(());
        }
        self.wakes.push(alarm, delay(alarm, now)).await?;
        self.rung.remember(alarm.clone(), (), now);
        Ok(())
    }
}

/// How long it is to an alarm.
pub(super) fn delay(alarm: &Alarm, now: Timestamp) -> Duration {
    Duration::try_from(alarm.at.duration_since(now)).unwrap_or_default()
}
