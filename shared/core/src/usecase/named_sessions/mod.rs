//! V1's sessions: paired, looked at and logged out by the name that their tenant gives them.

mod authenticate;
mod log_out;
#[cfg(test)]
mod tests;

pub use authenticate::Authentication;
pub(in crate::usecase) use log_out::cancel_pairing;

use super::numbers::Sessions;
use crate::error::Problem;
use crate::ids::UserId;
use crate::number::{Link, LinkState, Qr};
use crate::plan::Plans;
use crate::ports::{NamedSessions, Pairings, Sleeper};
use crate::session::{NamedSession, Pairing, PairingState, SessionName};
use crate::shard::ShardCount;
use crate::v1;
use std::sync::Arc;

/// V1's sessions.
#[derive(Clone)]
pub struct V1Sessions {
    /// Where they are.
    pub named: Arc<dyn NamedSessions>,
    /// Where their pairings are.
    pub pairings: Arc<dyn Pairings>,
    /// The sessions of the numbers that they are paired with.
    pub sessions: Sessions,
    /// What tenants may do.
    pub plans: Arc<Plans>,
    /// How many shards a new pairing can be on.
    pub shards: ShardCount,
    /// Waits between looks.
    pub sleeper: Arc<dyn Sleeper>,
}

/// What there is to scan for a session.
#[derive(Debug, Clone)]
pub enum SessionQr {
    /// Nothing: it is connected.
    Connected,
    /// This QR.
    Scan(Qr),
    /// Nothing: no pairing shows a QR now.
    None,
}

/// A session with what is known of its connection.
struct Seen {
    session: NamedSession,
    /// The link of its number, if it is the tenant's.
    link: Option<Link>,
    pairing: Option<Pairing>,
}

impl Seen {
    fn is_up(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.state.is_up())
    }

    fn open_pairing(&self) -> Option<&Pairing> {
        self.pairing.as_ref().filter(|pairing| pairing.wanted && !pairing.state.is_over())
    }
}

/// Whether a link has a device that it can connect with, as far as is known.
fn has_device(link: &Link) -> bool {
    use LinkState::{Banned, LoggedOut, PasskeyAsked, WrongNumber};
    link.adopts.is_some()
        || (link.jid.is_some() && !matches!(link.state, LoggedOut | Banned | PasskeyAsked | WrongNumber))
}

impl V1Sessions {
    /// The session of that name; `None` when the tenant has none.
    ///
    /// # Errors
    /// [`crate::error::Code::Unavailable`].
    pub async fn find(&self, user: UserId, name: &SessionName) -> Result<Option<NamedSession>, Problem> {
        Ok(self.named.find(user, name).await?)
    }

    /// All of a tenant's sessions, by name.
    ///
    /// # Errors
    /// [`crate::error::Code::Unavailable`].
    pub async fn list(&self, user: UserId) -> Result<Vec<NamedSession>, Problem> {
        Ok(self.named.list(user).await?)
    }

    /// The link of a session's number, once it is paired; `None` for a session that is not, or that the tenant does not have.
    ///
    /// # Errors
    /// [`crate::error::Code::Unavailable`].
    pub async fn link(&self, user: UserId, name: &SessionName) -> Result<Option<Link>, Problem> {
        Ok(self.see(user, name).await?.and_then(|seen| seen.link))
    }

    /// The QR that waits to be scanned, if there is one.
    ///
    /// # Errors
    /// [`crate::error::Code::Unavailable`].
    pub async fn qr(&self, user: UserId, name: &SessionName) -> Result<SessionQr, Problem> {
        let Some(seen) = self.see(user, name).await? else { return Ok(SessionQr::None) };
        if seen.is_up() && seen.open_pairing().is_none() {
            return Ok(SessionQr::Connected);
        }
        Ok(seen
            .open_pairing()
            .and_then(|pairing| self.valid_qr(pairing))
            .map_or(if seen.is_up() { SessionQr::Connected } else { SessionQr::None }, SessionQr::Scan))
    }

    /// The state of a session's connection: its number's, unless a pairing is under way; `UNLAUNCHED` when there is no such
    /// session.
    ///
    /// # Errors
    /// [`crate::error::Code::Unavailable`].
    pub async fn state(&self, user: UserId, name: &SessionName) -> Result<v1::State, Problem> {
        let Some(seen) = self.see(user, name).await? else { return Ok(v1::State::Unlaunched) };
        let open = seen.open_pairing().map(|pairing| &pairing.state);
        let over = seen.pairing.as_ref().map(|pairing| &pairing.state);
        Ok(match (&seen.link, open, over) {
            (Some(link), None, _) => v1::State::of_link(link.state, link.reason.as_deref(), false),
            (Some(link), Some(_), _) if link.state.is_up() => v1::State::Connected,
            (_, Some(state), _) => v1::State::of_pairing(state),
            // A pairing that went well has a link; it was removed since.
            (None, None, Some(PairingState::Paired(_))) => v1::State::Unpaired,
            (None, None, Some(state)) => v1::State::of_pairing(state),
            (None, None, None) => v1::State::Unlaunched,
        })
    }

    fn valid_qr(&self, pairing: &Pairing) -> Option<Qr> {
        let now = self.sessions.clock.now();
        pairing.qr.clone().filter(|qr| pairing.state == PairingState::Waiting && now < qr.expires_at)
    }

    async fn see(&self, user: UserId, name: &SessionName) -> Result<Option<Seen>, Problem> {
        match self.named.find(user, name).await? {
            Some(session) => Ok(Some(self.seen(session).await?)),
            None => Ok(None),
        }
    }

    async fn seen(&self, session: NamedSession) -> Result<Seen, Problem> {
        let link = match &session.number {
            Some(number) => self.sessions.links.find(number).await?,
            None => None,
        };
        let link = link.filter(|link| link.user == session.user);
        let pairing = match session.pairing {
            Some(id) => self.pairings.find(id).await?,
            None => None,
        };
        Ok(Seen { session, link, pairing })
    }
}
