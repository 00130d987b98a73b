//! Takes a number's session away for good.

use super::align::setback;
use super::parking::PAGE;
use super::{Actor, Setback};
use carteiro_core::ids::UserId;
use carteiro_core::number::Link;
use carteiro_core::ports::LinkError;
use carteiro_core::send::{Failure, Send, Step};
use carteiro_core::session::news;
use carteiro_engine::SessionEvent;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// How long what was written just before may take to be acknowledged.
const LAST_ACKS: Duration = Duration::from_secs(5);

/// A number was taken from a tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removal {
    user: UserId,
    /// When the tenant asked for it. The number may be somebody's again by now, also the same tenant's.
    at: Timestamp,
}

impl Removal {
    /// Whether a send is one of those that end with it.
    pub(super) fn ends(&self, send: &Send) -> bool {
        send.user == self.user && send.queued_at <= self.at
    }
}

impl Actor {
    /// Logs the device out, erases its state, fails what was to be sent, takes the number from its V1 session, and deletes the
    /// link.
    pub(super) async fn remove(&mut self, link: &Link) -> Result<(), Setback> {
        let since = *self.removal_since.get_or_insert_with(Instant::now);
        if self.is_up() && self.line.flight_len() > 0 && since.elapsed() < LAST_ACKS {
            return Err(Setback::Later(Duration::from_millis(200)));
        }
        if !self.logged_out {
            if link.jid.is_some() {
                let occasion = format!("removed {}", link.since.as_microsecond());
                self.reporter.herald.tell(news::of_removal(), &occasion);
            }
            self.log_out(link).await?;
            self.disconnect(false).await;
            self.logged_out = true;
        }
        self.erase_chats().await?;
        self.finish_writes().await?;
        self.shared.states.erase(&(&self.number).into(), self.epoch).await.map_err(setback)?;
        let at = link.removal_at.unwrap_or_else(|| self.shared.clock.now());
        let removal = *self.removed.insert(Removal { user: link.user, at });
        self.fail_parked(removal).await?;
        self.shared.named.unpair(&self.number).await?;
        match self.shared.links.forget(&self.number, self.epoch).await {
            Ok(()) => {
                tracing::info!(number = self.number.masked(), "removed");
                (self.removal_since, self.logged_out) = (None, false);
                Ok(())
            }
            // Either somebody else is the owner, or nothing is left to do: the next look at the link tells.
            Err(LinkError::Fenced) => match self.shared.links.find(&self.number).await? {
                Some(_) => Err(Setback::Lost),
                None => Ok(()),
            },
            Err(LinkError::Unavailable(error)) => Err(error.into()),
            Err(LinkError::Busy) => Ok(()),
        }
    }

    /// Logs out, over a connection made for it if there is none. If WhatsApp cannot be told in time, the phone's user can
    /// still unlink the device.
    pub(super) async fn log_out(&mut self, link: &Link) -> Result<(), Setback> {
        if let Some(mut live) = self.live.take() {
            live.log_out(self.shared.timing.logout).await;
            return Ok(());
        }
        if link.jid.is_none() {
            return Ok(());
        }
        let state = self.open_state().await?;
        let (sender, mut events) = mpsc::channel(64);
        let Ok(connection) = self.shared.whatsapp.start(self.number.clone(), state, sender).await else {
            return Ok(());
        };
        let told = async {
            while let Some(event) = events.recv().await {
                match event {
                    SessionEvent::Connected(_) => {
                        // The engine waits for room for its events.
                        tokio::spawn(async move {
                            while let Some(event) = events.recv().await {
                                event.leave_out();
                            }
                        });
                        return connection.logout().await;
                    }
                    SessionEvent::Qr { .. } | SessionEvent::LoggedOut { .. } | SessionEvent::Ended => {
                        return true;
                    }
                    other => other.leave_out(),
                }
            }
            false
        };
        if !timeout(self.shared.timing.logout, told).await.unwrap_or(false) {
            tracing::warn!(number = self.number.masked(), "WhatsApp could not be told of the log-out");
        }
        Ok(())
    }

    /// Fails what is parked of the tenant's that it is taken from. What was accepted since, of whoever has the number now, stays.
    async fn fail_parked(&mut self, removal: Removal) -> Result<(), Setback> {
        let mut after = None;
        loop {
            let page = self.shared.sends.parked(&self.number, after.as_ref(), PAGE).await?;
            for parked in &page {
                let send = self.read_send(parked.id).await?;
                if send.as_ref().is_some_and(|send| !removal.ends(send)) {
                    continue;
                }
                if send.is_some() {
                    let step = Step::Fail(Failure::NumberRemoved);
                    self.shared.sends.apply(parked.id, &step, self.shared.clock.now()).await?;
                }
                self.shared.sends.unpark(&self.number, parked).await?;
            }
            if page.len() < PAGE {
                return Ok(());
            }
            after = page.last().cloned();
        }
    }
}
