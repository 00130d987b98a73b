//! One number: its connection, and its sends in their order.
//!
//! An actor is one task that does one thing at a time: a command, an event of the connection, the end of a write to a store,
//! or the next step of its own. Nothing in it loops over a store that fails: a step that failed is done again later, so
//! that acknowledgements and an order to stop are never kept waiting.

mod adoption;
mod align;
mod asking;
mod events;
mod files;
mod forgetting;
mod holding;
mod inbox;
mod line;
mod live;
mod meanwhile;
mod message;
mod pace;
mod pairing;
mod parking;
mod receipts;
mod recipients;
mod recorder;
mod recording;
mod removal;
mod reporter;
mod restriction;
mod schedule;
mod setback;
mod settling;
mod timing;
mod turn;
mod typing;
mod writing;
mod written;

pub use message::Message;
pub use timing::Timing;

use crate::backoff::Backoff;
use crate::fence::Fence;
use crate::gate::Gate;
use crate::held::Held;
use crate::shared::Shared;
use asking::Asking;
use carteiro_core::ids::SendId;
use carteiro_core::lease::Epoch;
use carteiro_core::number::LinkState;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Parked;
use carteiro_core::send::Waiting;
use carteiro_core::shard::Shard;
use files::{Upload, next_upload};
use forgetting::Gone;
use inbox::Inbox;
use line::Line;
use live::{Live, next_event};
use pace::Paced;
use recipients::Recipients;
use recording::Recorded;
use removal::Removal;
use reporter::Reporter;
use restriction::Restriction;
use setback::Setback;
use settling::Settled;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// What brings the actor to look at its link.
#[derive(Default)]
struct Align {
    /// Whether there is anything to do.
    due: bool,
    /// Whether a client asked for it, which also starts what had stopped for good.
    asked: bool,
    /// The commands that asked.
    held: Vec<Held>,
}

/// One number's actor.
pub struct Actor {
    shared: Arc<Shared>,
    fence: Arc<Fence>,
    number: Phone,
    epoch: Epoch,
    /// Set while it could end without anything being lost.
    idle: Arc<AtomicBool>,
    align: Align,
    live: Option<Live>,
    /// The way of the latest session to the number's state.
    gate: Option<Arc<Gate>>,
    /// The device that was logged out and is not forgotten yet.
    gone: Option<Gone>,
    /// Set while WhatsApp does not let the number begin chats.
    restriction: Option<Restriction>,
    /// Whether the number is wanted connected.
    wanted: bool,
    /// The state in which it stays until a client asks for a connection.
    halted: Option<LinkState>,
    /// The phone that scanned the QR has another number; it is logged out as soon as it can be, at the latest then.
    expel_by: Option<Instant>,
    removal_since: Option<Instant>,
    /// Whether the device of a number that is removed is logged out.
    logged_out: bool,
    /// The removal after which it was not connected again.
    removed: Option<Removal>,
    /// Until when sends wait for the connection rather than being parked.
    hold_until: Option<Instant>,
    restart_at: Option<Instant>,
    restarts: Backoff,
    line: Line,
    /// Whether all parked sends have been read since the connection came up.
    drained: bool,
    cursor: Option<Parked>,
    /// Why the sends at the front of the line are being parked, one after the other.
    parking: Option<Waiting>,
    asking: Asking,
    recipients: Recipients,
    /// Before then WhatsApp is not asked for recipients.
    ask_at: Instant,
    /// The file that is on its way to the media server.
    upload: Option<Upload>,
    paced: Paced,
    park_at: Instant,
    park_backoff: Backoff,
    recording: JoinSet<Recorded>,
    settling: JoinSet<Settled>,
    inbox: Inbox,
    reporter: Reporter,
    align_at: Instant,
    align_backoff: Backoff,
    step_at: Instant,
    step_backoff: Backoff,
    stop_by: Option<Instant>,
    lost: bool,
}

/// How long the last report may take when the actor ends.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How many writes may be without acknowledgement.
const WINDOW: usize = 32;

impl Actor {
    /// An actor for `number`, whose `shard` was taken in `epoch`. `idle` tells when it may be ended.
    pub fn new(
        shared: Arc<Shared>,
        fence: Arc<Fence>,
        number: Phone,
        shard: Shard,
        epoch: Epoch,
        idle: Arc<AtomicBool>,
    ) -> Self {
        let timing = shared.timing;
        let reporter = Reporter::new(shared.clone(), fence.clone(), number.clone(), shard, epoch);
        let inbox = Inbox::new(shared.clone(), fence.clone(), number.clone());
        let now = Instant::now();
        Self {
            shared,
            fence,
            number,
            epoch,
            idle,
            align: Align { due: true, ..Align::default() },
            live: None,
            gate: None,
            gone: None,
            restriction: None,
            wanted: false,
            halted: None,
            expel_by: None,
            removal_since: None,
            logged_out: false,
            removed: None,
            hold_until: None,
            restart_at: None,
            restarts: Backoff::new(timing.restart.0, timing.restart.1),
            line: Line::default(),
            drained: false,
            cursor: None,
            parking: None,
            asking: Asking::default(),
            recipients: Recipients::new(timing.known, timing.unknown),
            ask_at: now,
            upload: None,
            paced: Paced::new(now),
            park_at: now,
            park_backoff: Backoff::of_store(),
            recording: JoinSet::new(),
            settling: JoinSet::new(),
            inbox,
            reporter,
            align_at: now,
            align_backoff: Backoff::of_store(),
            step_at: now,
            step_backoff: Backoff::of_store(),
            stop_by: None,
            lost: false,
        }
    }

    /// Runs until it is told to stop, or the number is lost to a later owner.
    pub async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut idle_since = Instant::now();
        while !self.is_over() {
            if !self.is_idle() {
                idle_since = Instant::now();
            }
            self.idle.store(idle_since.elapsed() >= self.shared.timing.idle, Ordering::Release);
            let wake = self.wake_at().unwrap_or_else(|| Instant::now() + self.shared.timing.idle);
            tokio::select! {
                biased;
                message = inbox.recv() => match message {
                    Some(message) => self.hear(message),
                    None => self.lost = true,
                },
                event = next_event(&mut self.live) => self.on_event(event).await,
                done = self.asking.next_done() => self.on_asked(done),
                (id, uploaded) = next_upload(&mut self.upload) => self.on_uploaded(id, uploaded),
                Some(recorded) = self.recording.join_next() => self.on_recorded(recorded),
                Some(settled) = self.settling.join_next() => self.on_settled(settled),
                outcome = self.reporter.done() => self.lost |= outcome,
                () = sleep_until(wake) => self.on_time().await,
            }
        }
        self.end().await;
    }

    /// Ends in order, unless the number is lost: then at once, and without a word.
    async fn end(mut self) {
        if self.lost {
            tracing::warn!(number = self.number.masked(), "the number has a later owner");
            return;
        }
        self.tell_forgotten();
        // While the connection is there, so that WhatsApp hears what need not come again.
        self.inbox.finish(LAST_WORDS).await;
        self.finish_settling(LAST_WORDS).await;
        if let Some(live) = self.live.take() {
            if live.was_up {
                let restricted = self.restricted_reason();
                self.reporter.report(LinkState::Reconnecting, restricted);
            }
            let _ = tokio::time::timeout(self.shared.timing.shutdown, live.connection.shutdown()).await;
        }
        self.reporter.finish(LAST_WORDS).await;
    }

    /// The send's id in the logs, and whose it is.
    fn log_skip(&self, id: SendId, why: &str) {
        tracing::info!(send_id = %id, number = self.number.masked(), "send left out: {why}");
    }
}
