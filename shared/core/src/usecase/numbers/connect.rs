//! Connecting a number to WhatsApp, by QR: `GET /v2/numbers/connect`.

use super::sessions::{LinkStatus, Sessions, link_problem};
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::{Claim, Desired, Link, LinkState, PairingMethod, Qr};
use crate::phone::Phone;
use crate::ports::Sleeper;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How long the answer is waited for; the known web client asks again after five seconds, and the gateway gives up after 30.
const PATIENCE: SignedDuration = SignedDuration::from_secs(8);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// A client that polls repeats a command this often at most, in case the first was lost.
const COMMAND_EVERY_SECONDS: i64 = 5;

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
    /// Neither yet: ask again.
    Underway(LinkStatus),
}

impl ConnectNumber {
    /// Wants the tenant's worker connected and waits up to eight seconds for what comes of it.
    ///
    /// # Errors
    /// [`Code::NotYourWorker`]; [`Code::NumberBusy`] while the session that another tenant had is being ended;
    /// [`Code::LinkFailed`] with the state when it cannot be connected; [`Code::Unavailable`].
    pub async fn connect(&self, user: UserId, number: &Phone) -> Result<Connection, Problem> {
        let (links, clock) = (&self.sessions.links, &self.sessions.clock);
        let claim = self.sessions.claim_of(user, number).await?;
        let before = links.find(number).await?;
        if let Some(link) = before.as_ref().filter(|link| link.user != user) {
            return Err(self.release(link).await?);
        }
        let was_wanted = before.as_ref().is_some_and(|link| link.desired.is_connected());
        if let Some(link) = before.as_ref().filter(|_| was_wanted)
            && let Some(done) = settled(link, clock.now())
        {
            return Ok(done);
        }
        let mut link = self.want(user, number, &claim).await?;
        self.command(number, &claim, was_wanted).await?;

        // A state of failure that was there before is not what this attempt came to.
        let stale = before.map(|link| (link.state, link.since));
        let deadline = clock.now() + PATIENCE;
        let mut wait = FIRST_WAIT;
        loop {
            if let Some(done) = settled(&link, clock.now()) {
                return Ok(done);
            }
            if has_failed(link.state) && stale != Some((link.state, link.since)) {
                return Err(failed(&link));
            }
            if clock.now() >= deadline {
                return Ok(Connection::Underway(LinkStatus::of(Some(&link))));
            }
            self.sleeper.sleep(wait).await;
            wait = (wait * 3 / 2).min(LONGEST_WAIT);
            match links.find(number).await? {
                Some(found) if found.user == user && found.desired.is_connected() => link = found,
                // It was removed or disconnected while this waited.
                other => {
                    let own = other.filter(|link| link.user == user);
                    return Ok(Connection::Underway(LinkStatus::of(own.as_ref())));
                }
            }
        }
    }

    async fn want(&self, user: UserId, number: &Phone, claim: &Claim) -> Result<Link, Problem> {
        let now = self.sessions.clock.now();
        let desired = Desired::Connected(PairingMethod::Qr);
        let wanted = self.sessions.links.want(number, user, claim.shard, desired, now).await;
        wanted
            .map_err(link_problem)?
            .ok_or_else(|| Problem::new(Code::Internal).caused_by("wanting a connection answered no link"))
    }

    /// Tells the shard's owner: at once when this is a change of mind, and once in a while when it is a poll.
    async fn command(&self, number: &Phone, claim: &Claim, is_poll: bool) -> Result<(), Problem> {
        let dedup = if is_poll {
            let bucket = self.sessions.clock.now().as_second() / COMMAND_EVERY_SECONDS;
            format!("connect-{number}-{bucket}")
        } else {
            self.sessions.unique()
        };
        self.sessions.align(claim.shard, number, &dedup).await
    }

    /// The number is this tenant's now, but its link is still the former one's: makes sure that it is being ended. It
    /// usually is already; not so when the former tenant's removal was cut off half way.
    async fn release(&self, link: &Link) -> Result<Problem, Problem> {
        if link.desired != Desired::Removed {
            self.sessions.remove(link.user, &link.number).await?;
        }
        Ok(Code::NumberBusy.into())
    }
}

/// Connected, or with a QR that can still be scanned.
fn settled(link: &Link, now: Timestamp) -> Option<Connection> {
    let status = || LinkStatus::of(Some(link));
    match (link.state, &link.qr) {
        (state, _) if state.is_up() => Some(Connection::Connected(status())),
        (LinkState::Pairing, Some(qr)) if now < qr.expires_at => Some(Connection::Scan(status(), qr.clone())),
        _ => None,
    }
}

fn has_failed(state: LinkState) -> bool {
    match state {
        LinkState::QrExpired
        | LinkState::CodeExpired
        | LinkState::CodeRefused
        | LinkState::PasskeyAsked
        | LinkState::Replaced
        | LinkState::LoggedOut
        | LinkState::Banned
        | LinkState::WrongNumber => true,
        LinkState::Offline
        | LinkState::Connecting
        | LinkState::Pairing
        | LinkState::Connected
        | LinkState::Restricted
        | LinkState::Reconnecting => false,
    }
}

fn failed(link: &Link) -> Problem {
    let sentence = match link.state {
        LinkState::QrExpired => "Ninguém leu o QR a tempo.",
        LinkState::CodeExpired => "Ninguém digitou o código a tempo.",
        LinkState::CodeRefused => "O WhatsApp não deu um código de pareamento.",
        LinkState::PasskeyAsked => "O WhatsApp pediu uma chave de acesso para vincular este número.",
        LinkState::Replaced => "Outra conexão assumiu este dispositivo.",
        LinkState::LoggedOut => "O dispositivo foi desconectado no celular.",
        LinkState::Banned => "O WhatsApp baniu este número.",
        LinkState::WrongNumber => "O celular pareado tem outro número.",
        _ => Code::LinkFailed.remedy(),
    };
    Problem::new(Code::LinkFailed).because(format!("{sentence} Estado: {}.", link.state.as_str()))
}
