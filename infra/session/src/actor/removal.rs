//! Takes a number's session away for good.

use super::align::setback;
use super::parking::PAGE;
use super::{Actor, Setback};
use carteiro_core::number::Link;
use carteiro_core::ports::LinkError;
use carteiro_core::send::{Failure, Step};
use carteiro_core::session::news;
use carteiro_engine::SessionEvent;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// How long what was written just before may take to be acknowledged.
const LAST_ACKS: Duration = Duration::from_secs(5);

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
        self.removed = true;
        self.fail_parked().await?;
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

    async fn fail_parked(&mut self) -> Result<(), Setback> {
        loop {
            let page = self.shared.sends.parked(&self.number, None, PAGE).await?;
            for parked in &page {
                let step = Step::Fail(Failure::NumberRemoved);
                self.shared.sends.apply(parked.id, &step, self.shared.clock.now()).await?;
                self.shared.sends.unpark(&self.number, parked).await?;
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }
}
