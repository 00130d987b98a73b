//! Releasing scheduled sends into their number's line when their time has come.

#[cfg(test)]
mod tests;

use super::overdue::UNSEEN;
use super::timetable::delay;
use crate::command::{Alarm, SendAccepted};
use crate::ids::SendId;
use crate::ports::{Clock, SendQueue, Sends, Unavailable, WakeQueue};
use crate::send::{Send, Waiting};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// How many sends are read at a time.
const PAGE: usize = 50;

/// Releases scheduled sends.
pub struct Release {
    sends: Arc<dyn Sends>,
    queue: Arc<dyn SendQueue>,
    wakes: Arc<dyn WakeQueue>,
    clock: Arc<dyn Clock>,
}

/// What came of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Released {
    /// How many sends were released.
    pub sends: usize,
    /// Whether the alarm was set anew: it rang early, or there was no time for all.
    pub again: bool,
}

impl Release {
    /// Wires it up.
    pub fn new(
        sends: Arc<dyn Sends>,
        queue: Arc<dyn SendQueue>,
        wakes: Arc<dyn WakeQueue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { sends, queue, wakes, clock }
    }

    /// Releases what an alarm's number has to release by now, in the order of the line, and begins nothing after `until`. Two
    /// at once do no harm: each says the same in the same order, and the queue drops what was said before.
    ///
    /// # Errors
    /// [`Unavailable`]: the alarm must ring again.
    pub async fn run(&self, alarm: &Alarm, until: Timestamp) -> Result<Released, Unavailable> {
        let mut released = Released::default();
        let early = delay(alarm, self.clock.now());
        if !early.is_zero() {
            self.wakes.push(alarm, early).await?;
            return Ok(Released { again: true, ..released });
        }
        let mut seen: HashSet<SendId> = HashSet::new();
        loop {
            // The list is eventually consistent: what was released may come again.
            let asked = PAGE + seen.len();
            let page = self.sends.scheduled(&alarm.number, self.clock.now(), asked).await?;
            let fresh: Vec<Send> = page.into_iter().filter(|send| seen.insert(send.id)).collect();
            for send in &fresh {
                if self.clock.now() >= until {
                    self.wakes.push(alarm, Duration::ZERO).await?;
                    return Ok(Released { again: true, ..released });
                }
                released.sends += usize::from(self.release(send).await?);
            }
            if fresh.is_empty() {
                return Ok(released);
            }
        }
    }

    /// Releases one send, if its time has come and nobody did before. First the signal, then the note: after a crash between the
    /// two the same is said again, which the queue drops or `dispatch` finds done.
    pub(super) async fn release(&self, send: &Send) -> Result<bool, Unavailable> {
        let now = self.clock.now();
        let waits = send.status.is_pending() && send.waiting == Some(Waiting::Scheduled);
        if !waits || send.begins_at() > now {
            return Ok(false);
        }
        // Its first attempt may have been to make its file ready, minutes ago.
        let attempt = send.requeues.saturating_add(1);
        self.queue.push(&send.from, &SendAccepted { send_id: send.id }, attempt).await?;
        self.sends.release(send, now + UNSEEN).await?;
        Ok(true)
    }
}
