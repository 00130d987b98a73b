//! Having alarms ring that are near.

use super::{Sweep, Swept};
use crate::command::Alarm;
use crate::ports::{Unavailable, WAKES_AT_ONCE};
use crate::usecase::timetable::{AFTER, AHEAD, delay};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many alarms are asked for at a time.
const PAGE: usize = 1_000;
/// How many requests are made at the same time.
const REQUESTS: usize = 8;

/// The alarms that this process has had ring ahead of their time: they need not be told again before it.
#[derive(Default)]
pub(super) struct Rung(Mutex<HashSet<Alarm>>);

impl Rung {
    fn has(&self, alarm: &Alarm) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(alarm)
    }

    fn remember(&self, alarms: impl IntoIterator<Item = Alarm>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(alarms);
    }

    /// Forgets those whose time has come.
    fn forget_until(&self, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|alarm| alarm.at > now);
    }
}

impl Sweep {
    /// Has every alarm ring that is near, and again those that rang a moment ago: what was being stored then may have been missed.
    /// Takes away those that are over, and have nothing left to ring for. Begins nothing after `until`.
    pub(super) async fn ring(
        &self,
        now: Timestamp,
        until: Timestamp,
        swept: &mut Swept,
    ) -> Result<(), Unavailable> {
        self.rung.forget_until(now);
        let mut last: Option<Alarm> = None;
        loop {
            let page = self.ports.alarms.until(now + AHEAD, last.as_ref(), PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            if self.clock.now() >= until {
                swept.unfinished = true;
                return Ok(());
            }
            let is_last = page.len() < PAGE;
            last = page.last().cloned();
            let (over, near): (Vec<Alarm>, Vec<Alarm>) =
                page.into_iter().partition(|alarm| now.duration_since(alarm.at) > AFTER);
            let mut due = self.clear(over).await?;
            due.extend(near.into_iter().filter(|alarm| !self.rung.has(alarm)));
            swept.rung += self.push(due, now).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Takes away those that have nothing left to ring for; answers the others.
    async fn clear(&self, over: Vec<Alarm>) -> Result<Vec<Alarm>, Unavailable> {
        let looks = stream::iter(over).map(async |alarm| {
            let left = self.ports.sends.scheduled(&alarm.number, alarm.at, 1).await?;
            if left.is_empty() {
                self.ports.alarms.clear(&alarm).await?;
            }
            Ok((!left.is_empty()).then_some(alarm))
        });
        looks.buffered(REQUESTS).try_filter_map(async |left| Ok(left)).try_collect().await
    }

    async fn push(&self, alarms: Vec<Alarm>, now: Timestamp) -> Result<usize, Unavailable> {
        let with_delay = |alarm: Alarm| {
            let delay = delay(&alarm, now);
            (alarm, delay)
        };
        let waits: Vec<_> = alarms.into_iter().map(with_delay).collect();
        let pushes = stream::iter(waits.chunks(WAKES_AT_ONCE)).map(async |some| {
            self.ports.wakes.push_all(some).await?;
            self.rung.remember(some.iter().map(|(alarm, _)| alarm.clone()).filter(|alarm| alarm.at > now));
            Ok(some.len())
        });
        pushes.buffer_unordered(REQUESTS).try_fold(0, async |sum, some| Ok(sum + some)).await
    }
}
