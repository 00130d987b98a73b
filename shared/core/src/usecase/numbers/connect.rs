//! Connecting a number to WhatsApp, by QR or by code: `GET /v2/numbers/connect`.

use super::sessions::{LinkStatus, Sessions, link_problem, release_former};
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::{Claim, Desired, Link, LinkState, PairingCode, PairingMethod, Qr};
use crate::phone::Phone;
use crate::ports::Sleeper;
use crate::usecase::patience::{Patience, of_poll};
use jiff::Timestamp;
use std::sync::Arc;

/// Connects numbers.
pub struct ConnectNumber {
    /// Their sessions.
    pub sessions: Sessions,
    /// Waits between looks.
    pub sleeper: Arc<dyn Sleeper>,
}

/// How far connecting a number is.
#[derive(Debug, Clone)]
pub enum Connection {
    /// It is connected.
    Connected(LinkStatus),
    /// A QR waits to be scanned.
    Scan(LinkStatus, Qr),
    /// A code waits to be typed into the phone.
    Type(LinkStatus, PairingCode),
    /// Neither yet: ask again.
    Underway(LinkStatus),
}

impl ConnectNumber {
    /// Wants the tenant's worker connected, paired by `method` if need be, and waits up to eight seconds for what comes of it.
    /// What an earlier attempt came to does not stand in the way: it begins anew, and so it does when this one ends in a way
    /// that asking again repairs, such as a QR that nobody scanned.
    ///
    /// # Errors
    /// [`Code::NotYourWorker`]; [`Code::NumberBusy`] while the session that another tenant had is being ended;
    /// [`Code::LinkFailed`] with the state when it cannot be connected; [`Code::Unavailable`].
    pub async fn connect(
        &self,
        user: UserId,
        number: &Phone,
        method: PairingMethod,
    ) -> Result<Connection, Problem> {
        let (links, clock) = (&self.sessions.links, &self.sessions.clock);
        let claim = self.sessions.claim_of(user, number).await?;
        let before = links.find(number).await?;
        if let Some(link) = before.as_ref().filter(|link| link.user != user) {
            release_former(&**links, &*self.sessions.commands, link, clock.now()).await?;
            return Err(Code::NumberBusy.into());
        }
        if let Some(link) = before.as_ref().filter(|link| link.desired.is_connected())
            && let Some(done) = settled(link, method, clock.now())
        {
            return Ok(done);
        }
        let is_poll = before.as_ref().is_some_and(|link| link.desired == Desired::Connected(method));
        let mut link = self.want(user, number, &claim, method).await?;
        self.command(&link, &claim, is_poll).await?;

        // A state of failure that was there before is not what this attempt came to.
        let mut stale = before.map(|link| (link.state, link.since));
        let mut patience = Patience::new(&**clock, &*self.sleeper);
        loop {
            if let Some(done) = settled(&link, method, clock.now()) {
                return Ok(done);
            }
            if stale != Some((link.state, link.since)) {
                match outcome(link.state) {
                    Outcome::Open => {}
                    Outcome::Repairable => {
                        stale = Some((link.state, link.since));
                        self.command(&link, &claim, true).await?;
                    }
                    Outcome::Failed => return Err(failed(&link)),
                }
            }
            if patience.is_over() {
                return Ok(Connection::Underway(LinkStatus::of(Some(&link))));
            }
            patience.wait().await;
            match links.find(number).await? {
                Some(found) if found.user == user && found.desired == Desired::Connected(method) => {
                    link = found
                }
                // It was removed or disconnected while this waited, or somebody asked for the other way of pairing.
                other => {
                    let own = other.filter(|link| link.user == user);
                    return Ok(Connection::Underway(LinkStatus::of(own.as_ref())));
                }
            }
        }
    }

    async fn want(
        &self,
        user: UserId,
        number: &Phone,
        claim: &Claim,
        method: PairingMethod,
    ) -> Result<Link, Problem> {
        let now = self.sessions.clock.now();
        let wanted =
            self.sessions.links.want(number, user, claim.shard, Desired::Connected(method), now).await;
        wanted
            .map_err(link_problem)?
            .ok_or_else(|| Problem::new(Code::Internal).caused_by("wanting a connection answered no link"))
    }

    /// Tells the shard's owner: at once when this is a change of mind or the state is another than at the last poll, and once
    /// in a while when it is one poll more.
    async fn command(&self, link: &Link, claim: &Claim, is_poll: bool) -> Result<(), Problem> {
        let dedup = if is_poll {
            of_poll("connect", &link.number, link.since, self.sessions.clock.now())
        } else {
            self.sessions.unique()
        };
        self.sessions.align(claim.shard, &link.number, &dedup).await
    }
}

/// Connected, or with a QR or a code, as it was asked for, that WhatsApp still takes.
fn settled(link: &Link, method: PairingMethod, now: Timestamp) -> Option<Connection> {
    let status = LinkStatus::of(Some(link));
    if link.state.is_up() {
        return Some(Connection::Connected(status));
    }
    if link.state != LinkState::Pairing {
        return None;
    }
    match method {
        PairingMethod::Qr => {
            let qr = link.qr.clone().filter(|qr| now < qr.expires_at)?;
            Some(Connection::Scan(status, qr))
        }
        PairingMethod::Code => {
            let code = link.code.clone().filter(|code| now < code.expires_at)?;
            Some(Connection::Type(status, code))
        }
    }
}

/// What a state means to who waits for a connection.
enum Outcome {
    /// It is not over.
    Open,
    /// It is over, and asking again may go well.
    Repairable,
    /// It is over, and somebody has to do something about it.
    Failed,
}

fn outcome(state: LinkState) -> Outcome {
    match state {
        LinkState::QrExpired | LinkState::CodeExpired | LinkState::LoggedOut => Outcome::Repairable,
        LinkState::CodeRefused
        | LinkState::PasskeyAsked
        | LinkState::Replaced
        | LinkState::Banned
        | LinkState::WrongNumber => Outcome::Failed,
        LinkState::Offline
        | LinkState::Connecting
        | LinkState::Pairing
        | LinkState::Connected
        | LinkState::Restricted
        | LinkState::Reconnecting => Outcome::Open,
    }
}

fn failed(link: &Link) -> Problem {
    let sentence = link.explanation().unwrap_or_else(|| Code::LinkFailed.remedy().to_owned());
    Problem::new(Code::LinkFailed).because(format!("{sentence} Estado: {}.", link.state.as_str()))
}
