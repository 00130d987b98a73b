//! One pairing of a V1 session: from its first QR until the number that scanned it has the device.
//!
//! The number is known only once a phone has scanned, so the device is linked over a state of the pairing's own. Then the session
//! is ended, the number becomes the tenant's worker, and its link is told to adopt the device; the number's own actor does so
//! under its own fence (`actor/adoption.rs`). Every step can be done again: a room that begins where another ended, on this task
//! or a later one, reads from the pairing how far it is.
//!
//! | the pairing says | what a room does that finds it |
//! |---|---|
//! | `Starting`, `Waiting` | connects: with a QR, or with the device that was linked and not reported |
//! | `Linking` | gives the device to the number |
//! | anything else | nothing |
//! | no longer wanted | logs out what may be linked, erases it, says `Cancelled` |

mod ending;
mod hand_over;
mod live;
mod scan;
mod trouble;

use crate::actor::Message;
use crate::backoff::Backoff;
use crate::fence::Fence;
use crate::held::Held;
use crate::herald::Herald;
use crate::protection::Protected;
use crate::shared::Shared;
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::number::Qr;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::session::{Pairing, PairingReport, PairingState, news};
use carteiro_core::shard::Shard;
use carteiro_core::v1::qrcode;
use carteiro_core::webhook::{EventKind, Origin};
use live::{Live, next_event};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use trouble::Trouble;

/// For how long a room tries to show a QR and have it scanned.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long the last events may take when the room ends, and those before the number's own session tells more.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What a room is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// Reading how far the pairing is.
    Looking,
    /// Waiting for a phone to scan.
    Scanning,
    /// A device is linked, and its session is being ended. The number, as WhatsApp writes it.
    Linked(Phone),
    /// Giving the device to its number.
    HandingOver(Phone),
    /// Logging out what is linked, and telling this.
    Ending(PairingState),
    /// Nothing is left to do.
    Over,
}

/// The room of one pairing.
pub struct Room {
    shared: Arc<Shared>,
    fence: Arc<Fence>,
    id: PairingId,
    epoch: Epoch,
    /// The pairing as it was last read.
    pairing: Option<Pairing>,
    phase: Phase,
    /// Whether somebody asked to look at the pairing anew.
    look: bool,
    held: Vec<Held>,
    live: Option<Live>,
    /// The QR that is not reported yet.
    qr: Option<Qr>,
    /// Has webhooks told.
    herald: Herald,
    /// Whether a device may be linked over the pairing's state.
    may_be_linked: bool,
    /// Why WhatsApp refused the connection.
    refused: Option<String>,
    /// How often the tenant's numbers changed at the same time.
    conflicts: u32,
    /// The number that this room made the tenant's worker.
    claimed: Option<Phone>,
    /// Until when it waits for the number's former link to go.
    busy_until: Option<Instant>,
    give_up_at: Instant,
    restarts: Backoff,
    backoff: Backoff,
    at: Instant,
    stop: bool,
    lost: bool,
    /// Somebody pairs.
    _protected: Protected,
}

impl Room {
    /// A room for the pairing `id`, whose `shard` was taken in `epoch`.
    pub fn new(shared: Arc<Shared>, fence: Arc<Fence>, id: PairingId, shard: Shard, epoch: Epoch) -> Self {
        let (timing, herald) = (shared.timing, Herald::new(shared.clone(), fence.clone()));
        let (now, protected) = (Instant::now(), shared.protection.hold(shard));
        Self {
            shared,
            fence,
            id,
            epoch,
            pairing: None,
            phase: Phase::Looking,
            look: false,
            held: Vec::new(),
            live: None,
            qr: None,
            herald,
            may_be_linked: false,
            refused: None,
            conflicts: 0,
            claimed: None,
            busy_until: None,
            give_up_at: now + PATIENCE,
            restarts: Backoff::new(timing.restart.0, timing.restart.1),
            backoff: Backoff::of_store(),
            at: now,
            stop: false,
            lost: false,
            _protected: protected,
        }
    }

    /// Runs until the pairing is over, or it is told to stop, or the shard is lost.
    pub async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        while !self.stop && !self.lost && self.phase != Phase::Over {
            let wake = if self.has_step() { self.at } else { self.give_up_at };
            tokio::select! {
                biased;
                message = inbox.recv() => match message {
                    Some(message) => self.hear(message),
                    None => self.lost = true,
                },
                event = next_event(&mut self.live) => self.on_event(event),
                () = self.herald.done() => {}
                () = sleep_until(wake) => self.on_time().await,
            }
        }
        self.end().await;
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Resume(wait) => self.at = self.at.max(Instant::now() + wait),
            Message::Stop(_) => self.stop = true,
            Message::Command(held, _) => {
                self.held.push(held);
                self.look = true;
                self.at = Instant::now();
            }
        }
    }

    /// Whether there is something to do without being told anything.
    fn has_step(&self) -> bool {
        self.look || self.qr.is_some() || self.phase != Phase::Scanning || self.live.is_none()
    }

    async fn on_time(&mut self) {
        let now = Instant::now();
        if self.phase == Phase::Scanning && now >= self.give_up_at {
            let end = self.refused.take().map_or(PairingState::Expired, PairingState::Failed);
            self.phase = Phase::Ending(end);
        }
        if now < self.at {
            return;
        }
        match self.step().await {
            Ok(()) => {
                self.backoff.reset();
                self.at = Instant::now();
            }
            Err(Trouble::Later(wait)) => self.at = Instant::now() + wait,
            Err(Trouble::Store(error)) => {
                tracing::warn!(pairing = %self.id, %error, "a store does not answer; trying again");
                self.at = Instant::now() + self.backoff.wait();
            }
            Err(Trouble::Lost) => self.lost = true,
        }
    }

    /// One step. What is to be done next comes with the next turn.
    async fn step(&mut self) -> Result<(), Trouble> {
        if !self.fence.is_open() {
            return Err(Trouble::Lost);
        }
        if self.look || self.phase == Phase::Looking {
            return self.look().await;
        }
        match self.phase.clone() {
            Phase::Looking | Phase::Over => Ok(()),
            Phase::Scanning if self.live.is_none() => self.connect().await,
            Phase::Scanning => self.report_qr().await,
            Phase::Linked(number) => self.end_scan(number).await,
            Phase::HandingOver(number) => self.hand_over(&number).await,
            Phase::Ending(state) => self.wind_up(state).await,
        }
    }

    /// Reads the pairing and does what it says.
    async fn look(&mut self) -> Result<(), Trouble> {
        let Some(pairing) = self.shared.pairings.find(self.id).await? else {
            tracing::warn!(pairing = %self.id, "there is no such pairing");
            self.phase = Phase::Over;
            return Ok(());
        };
        let wanted = self.is_wanted(&pairing).await?;
        let origin = Origin { session: Some(pairing.session.clone()), number: None };
        self.herald.speaks_for(pairing.user, origin);
        let (state, begins) = (pairing.state.clone(), self.phase == Phase::Looking);
        self.pairing = Some(pairing);
        if begins {
            self.phase = match state {
                state if state.is_over() => Phase::Over,
                PairingState::Linking(number) => Phase::HandingOver(number),
                _ => {
                    // One that ended between linking a device and reporting it leaves its state.
                    self.may_be_linked = self.shared.states.holds(self.id).await?;
                    Phase::Scanning
                }
            };
        }
        if !wanted && matches!(self.phase, Phase::Scanning) {
            self.phase = Phase::Ending(PairingState::Cancelled);
        }
        self.look = false;
        self.held.drain(..).for_each(Held::done);
        Ok(())
    }

    /// Whether the pairing is the one that its session waits for.
    async fn is_wanted(&self, pairing: &Pairing) -> Result<bool, Unavailable> {
        if !pairing.wanted {
            return Ok(false);
        }
        let session = self.shared.named.find(pairing.user, &pairing.session).await?;
        Ok(session.is_some_and(|session| session.pairing == Some(self.id)))
    }

    /// Stores a state, and has webhooks told if it is another than before.
    async fn report(&mut self, state: PairingState, qr: Option<Qr>) -> Result<(), Trouble> {
        let report = PairingReport { state, qr };
        let now = self.shared.clock.now();
        self.shared.pairings.report(self.id, self.epoch, &report, now).await?;
        let occasion = self.id.to_string();
        if let Some(pairing) = &mut self.pairing
            && pairing.state != report.state
        {
            self.herald.tell(news::of_pairing(&report.state), &occasion);
            pairing.state = report.state;
        }
        if let Some(qr) = &report.qr {
            self.herald.tell(vec![(EventKind::QrCode, qrcode(qr.code.expose_secret()))], &occasion);
        }
        Ok(())
    }

    /// Ends in order, unless the pairing is lost: then at once, and without a word.
    async fn end(mut self) {
        if self.lost {
            tracing::warn!(pairing = %self.id, "the pairing has a later owner");
            return;
        }
        self.close().await;
        self.herald.finish(LAST_WORDS).await;
        self.held.drain(..).for_each(Held::done);
    }
}
