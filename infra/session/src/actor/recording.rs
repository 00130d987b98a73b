//! What became of a send, stored.

use super::Actor;
use super::line::Place;
use crate::backoff::Backoff;
use crate::shared::Shared;
use carteiro_core::chat::Ack;
use carteiro_core::ids::{MessageId, SendId};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Applied, Unavailable};
use carteiro_core::send::{Failure, Send, Status, Step};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::time::sleep;

/// How a send leaves the line.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// It takes its last step here.
    Step(Step, Timestamp),
    /// It needs nothing: it is no longer pending, or is gone.
    Nothing,
    /// It is left to the sweeper, for then.
    Later(Timestamp),
    /// What was made of its file is gone: its file is to be made ready anew, which the sweeper has done from then on.
    Unprepared(Timestamp),
}

/// A store was written.
#[derive(Debug)]
pub(super) enum Recorded {
    /// What became of a send. Its chat may be behind.
    Outcome { id: SendId, outcome: Outcome, settled: oneshot::Receiver<()> },
    /// Something that no send in hand waits for: a receipt, or a file that was deleted.
    Aside,
}

impl Actor {
    /// Stores what became of a send in hand; its commands are deleted when its chat, too, has everything that was taken for it so
    /// far.
    pub(super) fn conclude(&mut self, id: SendId, outcome: Outcome) {
        if self.line.get(id).is_none_or(|entry| entry.place == Place::Recording) {
            return;
        }
        let record = Record {
            shared: self.shared.clone(),
            number: self.number.clone(),
            id,
            outcome,
            settled: self.inbox.settled(),
        };
        self.line.retire(id);
        let fence = self.fence.clone();
        // Past the fence the next owner learns the outcome anew.
        self.recording.spawn(async move { fence.hold(record.run()).await });
    }

    pub(super) fn acknowledged(&mut self, message: &MessageId) {
        let Some(id) = message.send_id() else { return };
        let Some(entry) = self.line.get(id).filter(|entry| entry.tries > 0) else { return };
        if entry.place == Place::Recording {
            return;
        }
        let queued = entry.send.as_ref().map(|send| self.shared.clock.now().duration_since(send.queued_at));
        tracing::info!(
            send_id = %id,
            number = self.number.masked(),
            ms_to_ack = entry.written_at.map(|at| at.elapsed().as_millis() as u64),
            ms_since_queued = queued.map(|since| since.as_millis() as i64),
            tries = entry.tries,
            "sent"
        );
        self.record_written(id);
        self.inbox.moved(message, Ack::Sent);
        self.conclude(id, Outcome::Step(Step::Acknowledge, self.shared.clock.now()));
    }

    pub(super) fn refused(&mut self, message: &MessageId, failure: Failure) {
        if let Some(id) = message.send_id()
            && self.line.get(id).is_some_and(|entry| entry.tries > 0)
        {
            self.fail(id, failure);
        }
    }

    pub(super) fn fail(&mut self, id: SendId, failure: Failure) {
        tracing::info!(send_id = %id, number = self.number.masked(), code = failure.code(), "send failed");
        self.record_failed(id);
        self.conclude(id, Outcome::Step(Step::Fail(failure), self.shared.clock.now()));
    }

    /// Takes a send out of the line that is not pending any more, where nothing is left to do but to tell of it: the task that
    /// brought it there may have ended before it did.
    pub(super) async fn leave_out(&mut self, send: &Send) -> Result<(), Unavailable> {
        self.log_skip(send.id, send.status.as_str());
        match send.status {
            // It failed before it came here, or for another task.
            Status::Failed => self.record_failed(send.id),
            Status::Sent => self.record_sent_before(send, Ack::Sent).await?,
            Status::Delivered => self.record_sent_before(send, Ack::Received).await?,
            Status::Read => self.record_sent_before(send, Ack::Read).await?,
            Status::Queued | Status::Processing | Status::Cancelled => {}
        }
        self.conclude(send.id, Outcome::Nothing);
        Ok(())
    }

    /// Has its message fail. One that was not written is stored first: V1 answered it as a message, and tells what becomes of it.
    fn record_failed(&mut self, id: SendId) {
        let message = id.message_id();
        self.record_written(id);
        if !self.inbox.awaits(&message)
            && self.keeps_chats()
            && let Some(send) = self.line.get(id).and_then(|entry| entry.send.as_deref())
        {
            self.record_sent(self.unwritten(send));
        }
        self.inbox.moved(&message, Ack::Failed);
    }

    /// Leaves a send that cannot be brought to its end now to the sweeper, so that those behind it go on.
    pub(super) fn set_aside(&mut self, id: SendId) {
        tracing::warn!(send_id = %id, number = self.number.masked(), "send set aside: it will be tried again");
        let wait = SignedDuration::try_from(self.shared.timing.set_aside).unwrap_or_default();
        self.conclude(id, Outcome::Later(self.shared.clock.now() + wait));
    }

    pub(super) fn on_recorded(&mut self, recorded: Result<Recorded, JoinError>) {
        match recorded {
            Ok(Recorded::Outcome { id, outcome, settled }) => {
                let Some(entry) = self.line.get_mut(id) else { return };
                entry.is_stored = true;
                let receipts = std::mem::take(&mut entry.receipts);
                // What was set aside is tried again, and its file is uploaded again then.
                let is_over = matches!(outcome, Outcome::Step(..));
                if is_over && entry.uploaded.is_some() && entry.tries > 0 {
                    self.discard(id);
                }
                for reached in receipts {
                    self.record_receipt(id, reached);
                }
                self.settle(id, Some(settled));
            }
            Ok(Recorded::Aside) => {}
            Err(error) => tracing::error!(%error, "a record was not written"),
        }
    }
}

/// One outcome on its way to the stores.
struct Record {
    shared: Arc<Shared>,
    number: Phone,
    id: SendId,
    outcome: Outcome,
    settled: oneshot::Receiver<()>,
}

impl Record {
    /// Tries until it is written: until then the commands are held. What can never be written is left out, so that they are not held
    /// for ever.
    async fn run(mut self) -> Recorded {
        let mut backoff = Backoff::of_store();
        while let Err(error) = self.write().await {
            if error.lasting {
                tracing::error!(send_id = %self.id, number = self.number.masked(), %error, "an outcome can never be stored: it is left out");
                self.outcome = Outcome::Nothing;
                break;
            }
            tracing::warn!(send_id = %self.id, number = self.number.masked(), %error, "an outcome was not stored; trying again");
            sleep(backoff.wait()).await;
        }
        Recorded::Outcome { id: self.id, outcome: self.outcome, settled: self.settled }
    }

    async fn write(&self) -> Result<(), Unavailable> {
        let sends = &self.shared.sends;
        match &self.outcome {
            Outcome::Step(step, at) => {
                let applied = sends.apply(self.id, step, *at).await?;
                if applied != Applied::Moved {
                    tracing::debug!(send_id = %self.id, ?applied, "the send was further already");
                }
            }
            Outcome::Nothing => {}
            Outcome::Later(due) => sends.reschedule(self.id, *due, false).await?,
            Outcome::Unprepared(due) => {
                self.shared.preparations.forget(self.id).await?;
                sends.reschedule(self.id, *due, false).await?;
            }
        }
        Ok(())
    }
}
