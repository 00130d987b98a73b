//! What the connection tells until a phone has scanned.

use super::{Phase, Room, Trouble};
use carteiro_core::number::Qr;
use carteiro_core::phone::Phone;
use carteiro_core::session::PairingState;
use carteiro_engine::{QrCode, SessionEvent};
use jiff::SignedDuration;
use std::time::Duration;
use tokio::time::Instant;

/// How soon to try again to end a session whose device the store did not take.
const AGAIN: Duration = Duration::from_millis(500);

impl Room {
    pub(super) fn on_event(&mut self, event: SessionEvent) {
        if self.phase != Phase::Scanning {
            // Of a session that is about to be ended, only its end counts.
            match event {
                SessionEvent::Ended => self.live = None,
                SessionEvent::Fenced => self.lost = true,
                _ => {}
            }
            return;
        }
        match event {
            SessionEvent::Qr { code, expires_in } => self.on_qr(&code, expires_in),
            SessionEvent::Paired { number, .. } => self.linked(number),
            // The device was linked before this task had the pairing.
            SessionEvent::Connected(_) => {
                let number = self.live.as_ref().and_then(|live| live.connection.paired_number());
                if let Some(number) = number {
                    self.linked(number);
                }
            }
            SessionEvent::PairingTimedOut => self.phase = Phase::Ending(PairingState::Expired),
            SessionEvent::PairingFailed => tracing::warn!(pairing = %self.id, "a phone could not be linked"),
            SessionEvent::PasskeyRequired => self.fail("PASSKEY_ASKED"),
            SessionEvent::Refused { code } => self.refused = Some(format!("WHATSAPP_{code}")),
            SessionEvent::Banned { code, .. } => self.fail(&format!("WHATSAPP_{code}")),
            SessionEvent::Outdated => {
                tracing::error!("WhatsApp no longer takes this version: set CARTEIRO_WHATSAPP_VERSION");
                self.fail("CLIENT_OUTDATED");
            }
            SessionEvent::LoggedOut { .. } => {
                self.may_be_linked = false;
                self.fail("LOGGED_OUT");
            }
            SessionEvent::Replaced => self.fail("REPLACED"),
            SessionEvent::Fenced => self.lost = true,
            SessionEvent::StoreFailing { stopped } => {
                tracing::warn!(pairing = %self.id, stopped, "the state store fails");
            }
            SessionEvent::Ended => return self.ended(),
            // What comes for the number comes again to its own session, since nothing here takes it over.
            _ => {}
        }
        self.at = self.at.min(Instant::now());
    }

    fn on_qr(&mut self, code: &QrCode, expires_in: Duration) {
        if let Some(live) = &mut self.live {
            live.login = None;
        }
        self.may_be_linked = false;
        let expires_in = SignedDuration::try_from(expires_in).unwrap_or_default();
        self.qr = Some(Qr { code: code.reveal().into(), expires_at: self.shared.clock.now() + expires_in });
    }

    fn linked(&mut self, number: Phone) {
        tracing::info!(pairing = %self.id, number = number.masked(), "a phone was linked");
        self.may_be_linked = true;
        self.qr = None;
        self.phase = Phase::Linked(number);
    }

    fn fail(&mut self, reason: &str) {
        tracing::warn!(pairing = %self.id, reason, "the pairing failed");
        self.phase = Phase::Ending(PairingState::Failed(reason.to_owned()));
    }

    /// The connection is over: for good if WhatsApp refused it, else another one is started after a while.
    fn ended(&mut self) {
        self.live = None;
        match self.refused.take() {
            Some(reason) => {
                self.fail(&reason);
                self.at = Instant::now();
            }
            None => self.at = Instant::now() + self.restarts.wait(),
        }
    }

    pub(super) async fn report_qr(&mut self) -> Result<(), Trouble> {
        let Some(qr) = self.qr.clone() else { return Ok(()) };
        self.report(PairingState::Waiting, Some(qr)).await?;
        self.qr = None;
        Ok(())
    }

    /// Ends the session over which a device was linked, once all of the device is stored.
    pub(super) async fn end_scan(&mut self, number: Phone) -> Result<(), Trouble> {
        if let Some(live) = &self.live
            && !live.connection.hand_on().await
        {
            return Err(Trouble::Later(AGAIN));
        }
        if !self.close().await {
            return Err(Trouble::Later(AGAIN));
        }
        self.report(PairingState::Linking(number.clone()), None).await?;
        self.phase = Phase::HandingOver(number);
        Ok(())
    }
}
