//! What the connection tells.

use super::Actor;
use crate::backoff::jitter;
use carteiro_core::number::LinkState;
use carteiro_core::send::Failure;
use carteiro_core::v1::{Known, Me, syncing};
use carteiro_core::webhook::EventKind;
use carteiro_engine::{ConnectionId, LogOutReason, SessionEvent};
use std::time::Duration;
use tokio::time::Instant;

/// How long a connection must have been up for the next failure to be a first one.
const STEADY: Duration = Duration::from_secs(30);
/// About how long after the end of a ban to connect again.
const AFTER_BAN: Duration = Duration::from_secs(60);

impl Actor {
    pub(super) async fn on_event(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Qr { code, expires_in } => self.on_qr(&code, expires_in),
            SessionEvent::Code { code, expires_in } => self.on_code(&code, expires_in),
            SessionEvent::CodeVoid { by_hand } => self.on_code_void(by_hand).await,
            SessionEvent::CodeRefused { code } => self.on_code_refused(code).await,
            SessionEvent::PairingTimedOut => self.halt(self.pairing_over(), None).await,
            SessionEvent::PairingFailed => tracing::warn!(number = self.number.masked(), "a pairing failed"),
            SessionEvent::PasskeyRequired => self.halt(LinkState::PasskeyAsked, None).await,
            SessionEvent::Paired { number, .. } => self.paired(&number),
            SessionEvent::Connected(over) => self.connected(over).await,
            SessionEvent::Disconnected { silent, .. } => {
                if silent {
                    tracing::warn!(number = self.number.masked(), "connected but deaf; connecting anew");
                    self.shared.metrics.silent();
                }
                self.dropped();
            }
            SessionEvent::Replaced => self.halt(LinkState::Replaced, None).await,
            SessionEvent::LoggedOut { reason } => {
                let reason = (reason == LogOutReason::AccountLocked).then_some("ACCOUNT_LOCKED");
                self.logged_out(LinkState::LoggedOut, reason).await;
            }
            SessionEvent::Banned { code, expires_in } => {
                self.halt(LinkState::Banned, Some(&format!("WHATSAPP_{code}"))).await;
                self.restart_at = Instant::now().checked_add(expires_in + jitter(AFTER_BAN));
            }
            SessionEvent::Refused { code } => {
                tracing::warn!(number = self.number.masked(), code, "WhatsApp refused the connection");
                self.reporter.report(LinkState::Reconnecting, Some(&format!("WHATSAPP_{code}")));
            }
            SessionEvent::Outdated => {
                tracing::error!("WhatsApp no longer takes this version: set CARTEIRO_WHATSAPP_VERSION");
                self.reporter.report(LinkState::Reconnecting, Some("CLIENT_OUTDATED"));
            }
            SessionEvent::Fenced => self.lost = true,
            SessionEvent::StoreFailing { stopped } => {
                tracing::warn!(number = self.number.masked(), stopped, "the state store fails");
            }
            SessionEvent::Ack { message_id, .. } => {
                if let Ok(message) = message_id.parse() {
                    self.lift_restriction(&message);
                    self.acknowledged(&message);
                }
            }
            SessionEvent::Nack { message_id, code, .. } => {
                self.shared.metrics.nack(code);
                if let Ok(message) = message_id.parse() {
                    self.restrict(&message, code);
                    self.refused(&message, Failure::Refused(code.into()));
                }
            }
            // What is told of the phone of another number is nobody's here.
            event @ (SessionEvent::Receipt { .. } | SessionEvent::Updates { .. })
                if self.expel_by.is_some() || self.gone.is_some() =>
            {
                event.leave_out();
            }
            SessionEvent::Receipt { message_ids, kind, at, handover, .. } => {
                self.on_receipt(&message_ids, kind, at, handover);
            }
            SessionEvent::Updates { updates, handover } => self.on_updates(updates, handover),
            SessionEvent::Ended => self.ended(),
        }
    }

    pub(super) fn no_longer_logging_in(&mut self) {
        if let Some(live) = &mut self.live {
            live.login = None;
        }
    }

    async fn connected(&mut self, over: ConnectionId) {
        self.no_longer_logging_in();
        if self.expel_by.is_some() {
            return self.expel().await;
        }
        if let Some(live) = &mut self.live {
            (live.up, live.was_up, live.since) = (Some(over), true, Instant::now());
        }
        self.hold_until = None;
        self.drained = false;
        self.cursor = None;
        self.step_at = Instant::now();
        let (state, reason) = self.up_state();
        self.reporter.report(state, reason);
        self.tell_syncing();
    }

    /// Has webhooks told that the number is connected and catches up.
    fn tell_syncing(&mut self) {
        let Some(live) = &self.live else { return };
        let number = live.connection.paired_number().unwrap_or_else(|| self.number.clone());
        let name = live.connection.push_name();
        let known = Known { connected: true, push_name: name.as_deref(), ..Known::default() };
        self.reporter.herald.tell_now(vec![(EventKind::Syncing, syncing(&Me::new(&number, known)))]);
    }

    /// The library connects again by itself; what was not acknowledged is then written again.
    fn dropped(&mut self) {
        self.no_longer_logging_in();
        let Some(live) = &mut self.live else { return };
        if live.up.take().is_some() {
            live.since = Instant::now();
            self.hold_until = Some(Instant::now() + self.shared.timing.grace);
            self.line.rewind();
            let restricted = self.restricted_reason();
            self.reporter.report(LinkState::Reconnecting, restricted);
        }
    }

    /// The connection is over, and nobody said why for good: start another one after a while.
    fn ended(&mut self) {
        self.dropped();
        let Some(live) = self.live.take() else { return };
        self.upload = None;
        self.line.rewind();
        if live.was_up && live.since.elapsed() > STEADY {
            self.restarts.reset();
        }
        if self.wanted && self.halted.is_none() {
            self.restart_at = Some(Instant::now() + self.restarts.wait());
        }
    }

    /// Stops for good, until a client asks for a connection.
    pub(super) async fn halt(&mut self, state: LinkState, reason: Option<&str>) {
        self.disconnect(false).await;
        self.halted = Some(state);
        self.reporter.report(state, reason);
    }

    /// Logs out the phone of another number.
    pub(super) async fn expel(&mut self) {
        self.expel_by = None;
        if let Some(live) = &mut self.live {
            live.log_out(self.shared.timing.logout).await;
        }
        self.live = None;
        self.logged_out(LinkState::WrongNumber, None).await;
    }

    /// Whether an acknowledgement is overdue, so that the connection must be taken for dead.
    pub(super) fn lost_ack(&self, now: Instant) -> bool {
        self.is_up() && self.line.oldest_write().is_some_and(|at| now >= at + self.shared.timing.ack)
    }

    /// Closes a connection that no longer answers and starts another at once.
    pub(super) async fn reconnect(&mut self) {
        tracing::warn!(
            number = self.number.masked(),
            unacknowledged = self.line.flight_len(),
            "no acknowledgement in time; connecting anew"
        );
        self.close().await;
        self.hold_until = Some(Instant::now() + self.shared.timing.grace);
        let restricted = self.restricted_reason();
        self.reporter.report(LinkState::Reconnecting, restricted);
        self.restart_at = Some(Instant::now() + jitter(Duration::from_millis(200)));
    }
}
