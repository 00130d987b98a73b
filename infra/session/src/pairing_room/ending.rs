//! The end of a pairing whose device no number takes.

use super::live::next_event;
use super::{Phase, Room, Trouble};
use carteiro_core::session::PairingState;
use carteiro_engine::SessionEvent;
use std::time::Duration;
use tokio::time::timeout;

/// How soon to try again what the session before still writes.
const AGAIN: Duration = Duration::from_secs(1);

impl Room {
    /// Logs out the device, if one may be linked, erases what is kept of it, takes its number back, and tells how
    /// the pairing ended. That is told last: a pairing that is not over is taken up again.
    pub(super) async fn wind_up(&mut self, state: PairingState) -> Result<(), Trouble> {
        if !self.close().await {
            return Err(Trouble::Later(AGAIN));
        }
        let linked = self.may_be_linked_still().await?;
        if linked {
            self.log_out().await?;
        }
        self.shared.states.erase(&self.id.into(), self.epoch).await?;
        self.give_back().await?;
        self.report(state, None).await?;
        self.phase = Phase::Over;
        Ok(())
    }

    async fn may_be_linked_still(&self) -> Result<bool, Trouble> {
        let handed_over =
            matches!(self.pairing.as_ref().map(|pairing| &pairing.state), Some(PairingState::Linking(_)));
        Ok((self.may_be_linked || handed_over) && self.shared.states.holds(self.id).await?)
    }

    /// Logs out, over a connection made for it. If WhatsApp cannot be told in time, the phone's user can still unlink the device.
    async fn log_out(&mut self) -> Result<(), Trouble> {
        self.connect().await?;
        let (limit, live) = (self.shared.timing.logout, &mut self.live);
        let told = async {
            loop {
                match next_event(live).await {
                    SessionEvent::Connected(_) => break,
                    SessionEvent::Qr { .. } | SessionEvent::LoggedOut { .. } => return true,
                    SessionEvent::Ended | SessionEvent::Fenced => return false,
                    _ => {}
                }
            }
            let Some(live) = live.as_mut() else { return false };
            // The engine waits for room for its events.
            let events = &mut live.events;
            let drained = async {
                while events.recv().await.is_some() {}
                std::future::pending().await
            };
            tokio::select! {
                told = live.connection.logout() => told,
                () = drained => false,
            }
        };
        if !timeout(limit, told).await.unwrap_or(false) {
            tracing::warn!(pairing = %self.id, "WhatsApp could not be told of the log-out");
        }
        if !self.close().await {
            return Err(Trouble::Later(AGAIN));
        }
        self.may_be_linked = false;
        Ok(())
    }
}
