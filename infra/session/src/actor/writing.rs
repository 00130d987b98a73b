//! Writes sends to the wire, in their order.

use super::line::Entry;
use super::recording::Outcome;
use super::written::Original;
use super::{Actor, Setback};
use carteiro_core::ids::SendId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Applied, Unavailable};
use carteiro_core::send::{Content, Failure, Recipient, Send, Status, Step};
use carteiro_engine::{Outgoing, QueryError, Resolution, SendError, WhatsAppAddress};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How many sends are read, and their recipients asked for, together.
const AHEAD: usize = 10;
/// For how long recipients are guessed after a question that was not answered.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// How long to wait for a connection.
const AGAIN: Duration = Duration::from_secs(1);

impl Actor {
    /// Brings the first send that waits onto the wire, or out of the line.
    pub(super) async fn write_next(&mut self) -> Result<(), Setback> {
        self.read_parked().await?;
        let Some(id) = self.line.ahead(self.drained, 1).next() else { return Ok(()) };
        match self.write_first(id).await {
            // Something that it needs can never be read or stored: those behind it go on.
            Err(Setback::Store(error)) if error.lasting => {
                tracing::error!(send_id = %id, number = self.number.masked(), %error, "a store refuses for good");
                self.set_aside(id);
                Ok(())
            }
            done => done,
        }
    }

    async fn write_first(&mut self, id: SendId) -> Result<(), Setback> {
        self.read_ahead().await?;
        let Some(entry) = self.line.get(id) else { return Ok(()) };
        let Some(send) = entry.send.clone() else {
            self.log_skip(id, "there is no such send");
            self.conclude(id, Outcome::Nothing);
            return Ok(());
        };
        if !send.status.is_pending() {
            self.leave_out(&send).await?;
        } else if send.expires_at <= self.shared.clock.now() {
            self.fail(id, Failure::Expired);
        } else if entry.is_stuck(entry.tries, self.shared.timing.patience) {
            self.set_aside(id);
        } else if let Some(why) = self.held_back(&send) {
            self.hold_back(id, why).await?;
        } else if let Some(to) = self.address(&send).await? {
            if !self.may_leave(&send, &to).await? {
                return Ok(());
            }
            if self.lacks_upload(&send) {
                return self.upload(&send).await;
            }
            match self.original(&send).await? {
                Original::Lacking(failure) => self.fail(id, failure),
                original => self.write(&send, &to, &original).await?,
            }
        } else {
            self.fail(id, Failure::NotOnWhatsApp);
        }
        Ok(())
    }

    /// Reads the next sends that were not read yet, together, and asks for their recipients in one question.
    async fn read_ahead(&mut self) -> Result<(), Setback> {
        let first = self.line.ahead(self.drained, 1).next();
        if first.and_then(|id| self.line.get(id)).is_none_or(|entry| entry.send.is_some()) {
            return Ok(());
        }
        let unread = |id: &SendId| self.line.get(*id).is_some_and(|entry| entry.send.is_none());
        let ids: Vec<SendId> = self.line.ahead(self.drained, AHEAD).filter(unread).collect();
        let found = futures_util::future::try_join_all(ids.iter().map(|id| self.read_send(*id))).await?;
        for (id, send) in ids.into_iter().zip(found) {
            if let Some(entry) = self.line.get_mut(id) {
                entry.send = send.map(Box::new);
            }
        }
        self.ask_ahead().await
    }

    /// Reads a send; one that can never be read is as none, so that those behind it go on.
    pub(super) async fn read_send(&self, id: SendId) -> Result<Option<Send>, Unavailable> {
        match self.shared.sends.find(id).await {
            Err(error) if error.lasting => {
                tracing::error!(send_id = %id, number = self.number.masked(), %error, "a send can never be read");
                Ok(None)
            }
            found => found,
        }
    }

    /// Asks WhatsApp for the recipients of the next sends. That it does not answer is left to [`Self::address`].
    async fn ask_ahead(&mut self) -> Result<(), Setback> {
        let asked: Vec<Phone> = self
            .line
            .ahead(self.drained, AHEAD)
            .filter_map(|id| self.line.get(id)?.send.as_deref())
            .filter(|send| send.status.is_pending() && send.resolved_to.is_none())
            .filter_map(|send| send.to.phone())
            .filter(|phone| self.recipients.get(phone).is_none())
            .cloned()
            .collect();
        if asked.len() < 2 || Instant::now() < self.ask_at {
            return Ok(());
        }
        let Some(connection) = self.connection() else { return Ok(()) };
        let forms = Resolution::forms(&asked);
        match self.meanwhile(connection.resolve(&forms), None).await {
            Ok(answers) => asked.iter().for_each(|phone| self.recipients.learn(phone, &answers)),
            Err(QueryError::NotConnected) => {}
            Err(error) => self.cannot_ask(&error),
        }
        Ok(())
    }

    /// Where a send goes; `None` when its recipient is not on WhatsApp.
    async fn address(&mut self, send: &Send) -> Result<Option<WhatsAppAddress>, Setback> {
        // What was found once stays: a repetition must reach the same chat to be known for one.
        if let Some(address) = send.resolved_to.as_ref().and_then(|text| text.parse().ok()) {
            return Ok(Some(address));
        }
        // Groups and LIDs have one address only.
        let Some(to) = send.to.phone() else {
            return Ok(send.to.to_string().parse().ok());
        };
        if self.recipients.get(to).is_none() && Instant::now() >= self.ask_at {
            let Some(connection) = self.connection() else { return Err(Setback::Later(AGAIN)) };
            let forms = Resolution::forms([to]);
            match self.meanwhile(connection.resolve(&forms), None).await {
                Ok(answers) => self.recipients.learn(to, &answers),
                Err(QueryError::NotConnected) => return Err(Setback::Later(AGAIN)),
                Err(error) => self.cannot_ask(&error),
            }
        }
        let guess = || Some(WhatsAppAddress::of_phone(&to.guessed_whatsapp_form()));
        Ok(self.recipients.get(to).unwrap_or_else(guess))
    }

    /// WhatsApp cannot be asked now: for a while recipients that it was not asked for are guessed, so that not every send
    /// waits for an answer that does not come.
    fn cannot_ask(&mut self, error: &QueryError) {
        let number = self.number.masked();
        tracing::warn!(number, %error, "WhatsApp cannot be asked for recipients; guessing for a while");
        self.ask_at = Instant::now() + ASK_AGAIN;
    }

    async fn write(&mut self, send: &Send, to: &WhatsAppAddress, original: &Original) -> Result<(), Setback> {
        if !self.take(send, to).await? {
            return Ok(());
        }
        if !self.fence.is_open() {
            return Err(Setback::Lost);
        }
        let Some((wire, over)) = self.wire() else { return Err(Setback::Later(AGAIN)) };
        self.pace_wrote();
        self.line.take_off(send.id);
        let message = send.id.message_id();
        let file = self.line.get(send.id).and_then(|entry| entry.uploaded.clone());
        let sent = self.message_of(send, to, file.as_ref(), original);
        if let Some(entry) = self.line.get_mut(send.id) {
            entry.message = sent.map(Box::new);
        }
        let what = match (&send.content, &file, original) {
            (Content::Text(text), ..) => Some(Outgoing::Text(text.as_str())),
            (Content::File(_), Some(file), _) => Some(Outgoing::File(file)),
            (Content::Contact(card), ..) => Some(Outgoing::Contact(card)),
            (Content::Forward(_), _, Original::Of(original)) => Some(Outgoing::Forward(original)),
            (Content::File(_), None, _) | (Content::Forward(_), ..) => None,
        };
        let written = async {
            match what {
                Some(what) => wire.send(over, to, message.as_str(), what).await,
                None => Err(SendError::Failed),
            }
        };
        let written = timeout(self.shared.timing.write, written);
        let written = self.meanwhile(written, Some(send.id)).await.unwrap_or(Err(SendError::TimedOut));
        match written {
            Ok(()) => {
                self.record_written(send.id);
                Ok(())
            }
            Err(error) => self.not_written(send, &error),
        }
    }

    /// Takes the send for this task: from here on it cannot be cancelled. `false` if somebody was faster.
    async fn take(&mut self, send: &Send, to: &WhatsAppAddress) -> Result<bool, Setback> {
        let id = send.id;
        if self.line.get(id).is_some_and(|entry| entry.tries > 0) {
            return Ok(true);
        }
        match self.shared.sends.apply(id, &Step::Take(to.to_string()), self.shared.clock.now()).await? {
            // Taken before, by this task or by one that ended before the acknowledgement.
            Applied::Moved | Applied::Refused(Status::Processing) => {
                if let Some(send) = self.line.get_mut(id).and_then(|entry| entry.send.as_mut()) {
                    send.resolved_to.get_or_insert_with(|| to.to_string());
                }
                Ok(true)
            }
            // Read anew: it came further since it was read.
            Applied::Refused(_) => {
                let found = self.read_send(id).await?;
                if let Some(entry) = self.line.get_mut(id) {
                    entry.send = found.clone().map(Box::new);
                }
                match found {
                    Some(send) => self.leave_out(&send).await?,
                    None => self.conclude(id, Outcome::Nothing),
                }
                Ok(false)
            }
            Applied::Unknown => {
                self.conclude(id, Outcome::Nothing);
                Ok(false)
            }
        }
    }

    fn not_written(&mut self, send: &Send, error: &SendError) -> Result<(), Setback> {
        tracing::warn!(send_id = %send.id, number = self.number.masked(), %error, "not written");
        match error {
            SendError::Fenced => Err(Setback::Lost),
            SendError::Recipient => {
                if let Some(to) = send.to.phone() {
                    self.recipients.forget(to);
                }
                self.fail(send.id, Failure::NotOnWhatsApp);
                Ok(())
            }
            SendError::NotConnected => {
                self.line.back_to_front(send.id);
                // That there is no connection is no fault of the send.
                if let Some(entry) = self.line.get_mut(send.id) {
                    entry.tries -= 1;
                }
                Err(Setback::Later(AGAIN))
            }
            // WhatsApp tells who is in a group only to those who are.
            SendError::Refused(401 | 403 | 404) if matches!(send.to, Recipient::Group(_)) => {
                self.fail(send.id, Failure::NotInGroup);
                Ok(())
            }
            // It may be on the wire or not. Those before it are, and keep their places; it goes first of what waits.
            SendError::TimedOut | SendError::Failed | SendError::Refused(_) => {
                self.line.back_to_front(send.id);
                let tries = self.line.get(send.id).map_or(1, |entry| entry.tries);
                Err(Setback::Later(Entry::next_try(tries)))
            }
        }
    }
}
