//! Brings a number to what its tenant wants of it.

use super::live::Live;
use super::pairing::Pairing;
use super::{Actor, Setback};
use crate::backoff::jitter;
use crate::gate::Gate;
use carteiro_core::number::{Desired, Link, LinkState, PairingMethod};
use carteiro_core::ports::{StateError, WhatsAppState};
use carteiro_core::usecase::NumberOwner;
use carteiro_core::v1::{Signal, signal};
use carteiro_core::webhook::{EventKind, Origin};
use carteiro_engine::EngineError;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// How many events may wait for the actor before the engine keeps them itself.
const EVENTS: usize = 64;
/// About how soon to look again for room among the numbers that log in.
const LOGIN_ROOM: Duration = Duration::from_millis(100);
/// How long the last write of a session that is over may take.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// Whether a link in this state is connected again by itself when its shard gets a new owner.
fn resumes(state: LinkState) -> bool {
    use LinkState::{Connected, Connecting, Offline, Pairing, Reconnecting, Restricted};
    matches!(state, Offline | Connecting | Pairing | Connected | Restricted | Reconnecting)
}

impl Actor {
    /// Reads the link and does what it wants.
    pub(super) async fn align(&mut self) -> Result<(), Setback> {
        let forgotten = self.forget_device().await?;
        let mut link = self.shared.links.find(&self.number).await?;
        if let Some(link) = link.as_mut().filter(|_| forgotten) {
            link.jid = None;
        }
        if let Some(link) = &link {
            self.learn_origin(link).await?;
            self.paced.user = Some(link.user);
            self.paced.may_differ();
        }
        if let Some((adopting, pairing)) = link.as_ref().and_then(|link| Some((link, link.adopts?))) {
            self.adopt(adopting, pairing).await?;
            link = self.shared.links.find(&self.number).await?;
        }
        self.wanted = link.as_ref().is_some_and(|link| link.desired.is_connected());
        match link {
            None => self.disconnect(false).await,
            Some(link) => match link.desired {
                Desired::Connected(method) => self.connect(&link, method).await?,
                Desired::Disconnected => {
                    self.reporter.knows(link.state, link.reason);
                    self.disconnect(true).await;
                }
                Desired::Removed => self.remove(&link).await?,
            },
        }
        self.step_at = self.step_at.min(Instant::now());
        self.align.due = false;
        self.align.asked = false;
        self.align.held.drain(..).for_each(crate::held::Held::done);
        Ok(())
    }

    /// Learns whose events the number's are, and of which V1 session.
    async fn learn_origin(&mut self, link: &Link) -> Result<(), Setback> {
        let of = self.shared.named.of_number(&self.number).await?;
        let session = of.filter(|(user, _)| *user == link.user).map(|(_, name)| name);
        self.inbox.belongs_to(NumberOwner { user: link.user, session: session.clone() });
        let origin = Origin { session, number: Some(self.number.clone()) };
        self.reporter.herald.speaks_for(link.user, origin);
        Ok(())
    }

    async fn connect(&mut self, link: &Link, method: PairingMethod) -> Result<(), Setback> {
        if self.live.is_some() {
            self.pair_by(method);
            return Ok(());
        }
        self.inherit_restriction(link);
        (self.removed, self.logged_out) = (None, false);
        self.reporter.knows(link.state, link.reason.clone());
        if self.align.asked {
            self.halted = None;
        } else if self.halted.is_some() || !resumes(link.state) {
            self.halted = self.halted.or(Some(link.state));
            return Ok(());
        }
        let room = self.shared.logins.clone().try_acquire_owned();
        let login = room.map_err(|_| Setback::Later(LOGIN_ROOM / 2 + jitter(LOGIN_ROOM)))?;
        let state = self.open_state().await?;
        let (sender, events) = mpsc::channel(EVENTS);
        let connection = match self.shared.whatsapp.start(self.number.clone(), state, sender).await {
            Ok(connection) => connection,
            Err(EngineError::Fenced) => return Err(Setback::Lost),
            Err(error) => {
                tracing::error!(number = self.number.masked(), %error, "the connection could not be started");
                return Err(Setback::Later(self.restarts.wait()));
            }
        };
        let now = Instant::now();
        self.live = Some(Live {
            connection: connection.into(),
            events,
            put_off: VecDeque::new(),
            gate: self.gate.clone(),
            login: Some(login),
            resumes_for_client: self.align.asked && link.jid.is_some(),
            pairing: Pairing::by(method),
            up: None,
            was_up: false,
            since: now,
        });
        self.restart_at = None;
        self.hold_until.get_or_insert(now + self.shared.timing.grace);
        let state = if link.jid.is_some() { LinkState::Reconnecting } else { LinkState::Connecting };
        if link.jid.is_some() {
            self.reporter.herald.tell_now(vec![(EventKind::StatusChanged, signal(Signal::IsLogged))]);
        }
        let restricted = self.restricted_reason();
        self.reporter.report(state, restricted);
        Ok(())
    }

    /// Opens the number's state for a new session, once the one before writes no more.
    pub(super) async fn open_state(&mut self) -> Result<Arc<dyn WhatsAppState>, Setback> {
        self.finish_writes().await?;
        let state = self.shared.states.open(&(&self.number).into(), self.epoch).await.map_err(setback)?;
        let gate = Arc::new(Gate::new(state, self.fence.clone()));
        self.gate = Some(gate.clone());
        Ok(gate)
    }

    /// Waits until the session before writes no more.
    pub(super) async fn finish_writes(&mut self) -> Result<(), Setback> {
        if let Some(gate) = &self.gate
            && timeout(LAST_WRITE, gate.finish()).await.is_err()
        {
            return Err(Setback::Later(LAST_WRITE));
        }
        self.gate = None;
        Ok(())
    }

    /// Closes the connection in order; sends that wait are parked.
    pub(super) async fn disconnect(&mut self, report: bool) {
        self.halted = None;
        self.restart_at = None;
        self.hold_until = None;
        self.close().await;
        if report {
            self.reporter.report(LinkState::Offline, None);
        }
    }

    /// Closes the connection, if there is one. What it has not acknowledged goes back to the head of the line.
    pub(super) async fn close(&mut self) {
        if let Some(live) = self.live.take()
            && timeout(self.shared.timing.shutdown, live.connection.shutdown()).await.is_err()
        {
            tracing::warn!(number = self.number.masked(), "the connection did not close in time");
        }
        self.upload = None;
        self.line.rewind();
    }
}

/// What an error of the state store means.
pub(super) fn setback(error: StateError) -> Setback {
    match error {
        StateError::Fenced => Setback::Lost,
        StateError::Unavailable(reason) | StateError::Damaged(reason) => {
            Setback::Store(carteiro_core::ports::Unavailable::new("whatsapp state", reason))
        }
    }
}
