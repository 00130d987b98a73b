//! Sends that wait in the table.

use super::line::Place;
use super::recording::Outcome;
use super::{Actor, Setback};
use carteiro_core::ids::SendId;
use carteiro_core::send::{Failure, Send, Waiting};

/// How many parked sends are read at once.
pub(super) const PAGE: usize = 20;

/// What came of parking a send.
pub(super) enum Placed {
    /// It is safe among the parked ones.
    Parked(Box<Send>),
    /// It waits no more.
    Over,
}

impl Actor {
    /// Parks the first send that waits. One after the other, and each command is deleted only then: a crash leaves the later
    /// ones in the queue, behind the parked ones.
    ///
    /// What was written and lost, or read from the table, is parked as a whole: the rest would overtake what is in the table.
    pub(super) async fn park_next(&mut self, why: Waiting) -> Result<(), Setback> {
        let Some(id) = self.line.first_waiting() else { return Ok(()) };
        self.drained = false;
        self.cursor = None;
        self.upload = None;
        self.park(id, why).await?;
        self.parking = (self.line.front_len() > 0).then_some(why);
        Ok(())
    }

    /// Why the rest of what was written and lost must be parked too, although it could be written by now.
    pub(super) fn must_park(&self) -> Option<Waiting> {
        self.parking.filter(|_| self.line.front_len() > 0)
    }

    /// Parks a send that waits, or ends it where it must not wait any more.
    pub(super) async fn park(&mut self, id: SendId, why: Waiting) -> Result<Placed, Setback> {
        let Some(entry) = self.line.get(id) else { return Ok(Placed::Over) };
        let from_table = entry.parked.is_some();
        if entry.send.is_none() {
            let found = self.read_send(id).await?.map(Box::new);
            if let Some(entry) = self.line.get_mut(id) {
                entry.send = found;
            }
        }
        match self.line.get(id).and_then(|entry| entry.send.clone()) {
            None => self.conclude(id, Outcome::Nothing),
            Some(send) if !send.status.is_pending() => self.leave_out(&send).await?,
            Some(send) if self.removed.is_some_and(|removal| removal.ends(&send)) => {
                self.fail(id, Failure::NumberRemoved);
            }
            Some(send) if send.expires_at <= self.shared.clock.now() => self.fail(id, Failure::Expired),
            Some(send) => {
                let tried = self.line.get(id).is_some_and(|entry| entry.tries > 0);
                // The night is no fault of the connection.
                let differs = (send.waiting, why) == (Some(Waiting::NotConnected), Waiting::QuietHours);
                if !from_table || tried || differs {
                    self.shared.sends.park(&send, why).await?;
                }
                self.put_down(id);
                return Ok(Placed::Parked(send));
            }
        }
        Ok(Placed::Over)
    }

    /// The send is safe among the parked ones: take it out of hand.
    pub(super) fn put_down(&mut self, id: SendId) {
        if let Some(entry) = self.line.remove(id) {
            debug_assert_eq!(entry.place, Place::Waiting);
            entry.held.into_iter().for_each(crate::held::Held::done);
            tracing::info!(send_id = %id, number = self.number.masked(), "send parked");
        }
    }

    /// Reads the next parked sends into the line, if it is time for them.
    pub(super) async fn read_parked(&mut self) -> Result<(), Setback> {
        if self.drained || self.line.front_len() > 0 {
            return Ok(());
        }
        let page = self.shared.sends.parked(&self.number, self.cursor.as_ref(), PAGE).await?;
        // Nobody else parks this number's sends, so the end of the list is the end.
        self.drained = page.len() < PAGE;
        self.cursor = page.last().cloned().or(self.cursor.take());
        page.into_iter().for_each(|parked| self.line.add_parked(parked));
        Ok(())
    }
}
