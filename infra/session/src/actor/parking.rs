//! Sends of a number that is not connected.

use super::line::Place;
use super::recording::Outcome;
use super::{Actor, Setback};
use carteiro_core::send::{Failure, Waiting};

/// How many parked sends are read at once.
pub(super) const PAGE: usize = 20;

impl Actor {
    /// Parks the first send that waits. One after the other, and each command is deleted only then: a crash leaves the later
    /// ones in the queue, behind the parked ones.
    pub(super) async fn park_next(&mut self) -> Result<(), Setback> {
        let Some(id) = self.line.first_waiting() else { return Ok(()) };
        self.drained = false;
        self.cursor = None;
        self.upload = None;
        let Some(entry) = self.line.get(id) else { return Ok(()) };
        let from_table = entry.parked.is_some();
        let send = match &entry.send {
            Some(send) => Some(send.clone()),
            None => self.shared.sends.find(id).await?.map(Box::new),
        };
        match send.filter(|send| send.status.is_pending()) {
            None => self.conclude(id, Outcome::Nothing),
            Some(_) if self.removed => self.fail(id, Failure::NumberRemoved),
            Some(send) if send.expires_at <= self.shared.clock.now() => self.fail(id, Failure::Expired),
            Some(send) => {
                if !from_table || self.line.get(id).is_some_and(|entry| entry.tries > 0) {
                    self.shared.sends.park(&send, Waiting::NotConnected).await?;
                }
                self.put_down(id);
            }
        }
        Ok(())
    }

    /// The send is safe among the parked ones: take it out of hand.
    fn put_down(&mut self, id: carteiro_core::ids::SendId) {
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
