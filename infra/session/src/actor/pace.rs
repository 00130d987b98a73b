//! How fast a number writes: it asks its pacer before each message, waits a little where it must, and holds back what must wait
//! for long.

use super::{Actor, Setback};
use crate::backoff::draw;
use carteiro_core::ids::UserId;
use carteiro_core::pacing::{Begun, Hold, Moment, Pacer, Verdict};
use carteiro_core::ports::CountError;
use carteiro_core::send::{Send, Status, Waiting};
use carteiro_engine::WhatsAppAddress;
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// For how long the rules are kept to without another look: a plan may change and nobody tells.
const READ_AGAIN: Duration = Duration::from_secs(600);
/// When to look again at rules that could not be read.
const READ_LATER: Duration = Duration::from_secs(30);
/// How often the time of day is looked at while it is waited for: it may be set.
const LOOK: Duration = Duration::from_secs(60);
/// How many days a number's count may be old before it is stored anew, so that it is not forgotten.
const STALE_DAYS: i32 = 30;
/// How many sends of the queue wait in hand while the pace holds them up; more are parked.
const IN_HAND: usize = 8;

/// What paces one number.
pub(super) struct Paced {
    /// When its time began.
    start: Instant,
    /// Whose number it is, as the link said last.
    pub(super) user: Option<UserId>,
    pacer: Option<Pacer>,
    /// When the rules are read again.
    read_at: Instant,
    /// Until when the next message waits for its turn.
    turn_at: Option<Instant>,
    /// Until when it is quiet, as far as it was looked ahead.
    pub(super) quiet_until: Option<Instant>,
    /// Recipients that have a send held back, and why: nothing else goes to them before.
    pub(super) held: HashMap<String, Waiting>,
    /// Until when, by the time of day, what would begin a chat is held back.
    held_until: Option<Timestamp>,
    /// When what is held back is looked at again.
    pub(super) look_at: Option<Instant>,
}

impl Paced {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            start: now,
            user: None,
            pacer: None,
            read_at: now,
            turn_at: None,
            quiet_until: None,
            held: HashMap::new(),
            held_until: None,
            look_at: None,
        }
    }

    /// The rules may have changed: they are read before the next message.
    pub(super) fn may_differ(&mut self) {
        self.read_at = Instant::now();
        self.turn_at = None;
        self.quiet_until = None;
    }

    /// Whether messages wait for their turn now.
    pub(super) fn waits(&self, now: Instant) -> bool {
        self.turn_at.is_some_and(|turn| now < turn)
    }

    /// The next message waits for its turn until then.
    pub(super) fn wait_until(&mut self, turn: Instant) {
        self.turn_at = Some(turn);
    }

    /// Whether recipients are shown that somebody types.
    pub(super) fn shows_typing(&self) -> bool {
        self.pacer.as_ref().is_some_and(|pacer| pacer.rules().typing)
    }

    /// Whether it is quiet now.
    pub(super) fn is_quiet(&self, now: Instant) -> bool {
        self.quiet_until.is_some_and(|until| now < until)
    }

    /// Nothing is held back any more.
    pub(super) fn let_go(&mut self) {
        self.held.clear();
        (self.held_until, self.look_at) = (None, None);
    }
}

/// The time from now until then by the time of day, not looking further ahead than it can be trusted.
fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default().min(LOOK)
}

impl Actor {
    fn moment(&self) -> Moment {
        Moment { run: self.paced.start.elapsed(), wall: self.shared.clock.now() }
    }

    /// Reads what the number keeps to, if that is due.
    pub(super) async fn learn_pace(&mut self) -> Result<(), Setback> {
        let now = Instant::now();
        let Some(user) = self.paced.user.filter(|_| now >= self.paced.read_at) else { return Ok(()) };
        match self.read_pace(user).await {
            Ok(()) => self.paced.read_at = Instant::now() + READ_AGAIN,
            // What is known goes on to hold.
            Err(Setback::Store(error)) if self.paced.pacer.is_some() => {
                tracing::warn!(number = self.number.masked(), %error, "the pace could not be read");
                self.paced.read_at = now + READ_LATER;
            }
            Err(setback) => return Err(setback),
        }
        Ok(())
    }

    async fn read_pace(&mut self, user: UserId) -> Result<(), Setback> {
        let rules = self.shared.rules.of(&self.number, user).await?;
        let moment = self.moment();
        let today = rules.today(moment.wall);
        if let Some(pacer) = &mut self.paced.pacer {
            if *pacer.rules() != rules {
                tracing::info!(number = self.number.masked(), "the pace changed");
                pacer.keep_to(rules, moment);
                self.release();
            }
            return Ok(());
        }
        let stored = self.shared.rules.paces.begun(&self.number).await?;
        let begun = stored.unwrap_or_else(|| Begun::first(today));
        let is_old = begun.day.until(today).is_ok_and(|span| span.get_days() >= STALE_DAYS);
        if stored.is_none() || is_old {
            self.count(begun.on(today)).await?;
        }
        let start = Moment { run: Duration::ZERO, ..moment };
        self.paced.pacer = Some(Pacer::new(rules, begun, start));
        Ok(())
    }

    async fn count(&self, begun: Begun) -> Result<(), Setback> {
        match self.shared.rules.paces.count(&self.number, self.epoch, begun).await {
            Ok(()) => Ok(()),
            Err(CountError::Fenced) => Err(Setback::Lost),
            Err(CountError::Unavailable(error)) => Err(error.into()),
        }
    }

    /// Looks at the time of day: whether these are quiet hours.
    pub(super) fn falls_quiet(&mut self) -> bool {
        let now = Instant::now();
        if self.paced.is_quiet(now) {
            return true;
        }
        let moment = self.moment();
        let end = self.paced.pacer.as_ref().and_then(|pacer| pacer.rules().quiet_until(moment.wall));
        let was = self.paced.quiet_until.take().is_some();
        match end {
            Some(end) => {
                self.paced.quiet_until = Some(now + until(end, moment.wall));
                true
            }
            None => {
                if was {
                    self.release();
                }
                false
            }
        }
    }

    /// Asks the pacer for a send that is to be written to `to` next. `false`: it is held back, and out of the line.
    pub(super) async fn may_leave(&mut self, send: &Send, to: &WhatsAppAddress) -> Result<bool, Setback> {
        let begins = self.would_begin(send, to).await?;
        if begins && self.holds_new_chats(send.id) {
            self.hold_back(send.id, Waiting::Restricted).await?;
            return Ok(false);
        }
        let moment = self.moment();
        let Some(pacer) = &mut self.paced.pacer else { return Ok(true) };
        match pacer.ask(moment, begins, draw()) {
            Verdict::Hold(Hold::QuietHours, _) => Err(Setback::Later(Duration::ZERO)),
            Verdict::Hold(Hold::NewChats, _) => {
                self.hold_back(send.id, Waiting::NewChats).await?;
                Ok(false)
            }
            Verdict::Wait(wait) => {
                self.paced.wait_until(Instant::now() + wait);
                Err(Setback::Later(wait))
            }
            Verdict::Go => {
                self.paced.turn_at = None;
                self.type_first(send, to).await?;
                if begins {
                    self.begin_chat(send).await?;
                }
                Ok(true)
            }
        }
    }

    /// Whether a send would begin a chat, and was not let go as such before.
    async fn would_begin(&self, send: &Send, to: &WhatsAppAddress) -> Result<bool, Setback> {
        let counts = self.paced.pacer.as_ref().is_some_and(|pacer| pacer.rules().counts_new_chats());
        let matters = self.restriction.is_some() || counts;
        // A group is no chat that one begins by writing, and what was taken before was counted before.
        if !matters || to.is_group() || send.status != Status::Queued {
            return Ok(false);
        }
        if self.line.get(send.id).is_none_or(|entry| entry.begins_chat || entry.tries > 0) {
            return Ok(false);
        }
        if self.was_refused(to) {
            return Ok(true);
        }
        let Some(live) = &self.live else { return Ok(false) };
        if live.connection.has_chat_with(to).await {
            return Ok(false);
        }
        // A device that was linked anew has written to nobody; its history knows.
        let chat = to.to_string().parse();
        Ok(match chat {
            Ok(chat) => self.shared.reader.chat(&self.number, &chat).await?.is_none(),
            Err(_) => true,
        })
    }

    /// Counts a chat that is begun, before it is: a crash may count one too many, never one too few.
    async fn begin_chat(&mut self, send: &Send) -> Result<(), Setback> {
        let moment = self.moment();
        let counted = self.paced.pacer.as_ref().filter(|pacer| pacer.rules().counts_new_chats());
        if let Some(begun) = counted.map(|pacer| pacer.another_chat(moment)) {
            self.count(begun).await?;
            if let Some(pacer) = &mut self.paced.pacer {
                pacer.learn(begun);
            }
        }
        if let Some(entry) = self.line.get_mut(send.id) {
            entry.begins_chat = true;
        }
        self.probes(send);
        Ok(())
    }

    /// A message is being written.
    pub(super) fn pace_wrote(&mut self) {
        let moment = self.moment();
        if let Some(pacer) = &mut self.paced.pacer {
            pacer.wrote(moment);
        }
    }

    /// Whether sends of the queue are to be parked although they could be written some day soon: the pace holds them up, and
    /// they are many, or others are before them in the table.
    pub(super) fn overflows(&self, now: Instant) -> bool {
        let waiting = self.line.back_len();
        self.is_up() && self.paced.waits(now) && (waiting > IN_HAND || (!self.drained && waiting > 0))
    }

    /// Whether the budget of chats is spent for today.
    pub(super) fn has_begun_enough(&self) -> bool {
        let moment = self.moment();
        self.paced.pacer.as_ref().is_some_and(|pacer| pacer.budget_is_spent(moment))
    }

    /// Notes that something is held back for that reason, so that it is looked at again in time.
    pub(super) fn holds(&mut self, why: Waiting) {
        let now = Instant::now();
        let look = match why {
            Waiting::NewChats => {
                let wall = self.shared.clock.now();
                let end = self.paced.pacer.as_ref().and_then(|pacer| pacer.rules().tomorrow(wall));
                self.paced.held_until = end.or(self.paced.held_until);
                end.map(|end| now + until(end, wall))
            }
            Waiting::Restricted => self.next_probe(now, LOOK),
            _ => None,
        };
        let looks = [self.paced.look_at, look].into_iter().flatten();
        self.paced.look_at = looks.min();
    }

    /// Lets go what is held back, if it is time for that.
    pub(super) fn look_at_held(&mut self) {
        let (now, wall) = (Instant::now(), self.shared.clock.now());
        if self.paced.held_until.is_some_and(|end| wall >= end) || self.may_probe(now) {
            return self.release();
        }
        let day = self.paced.held_until.map(|end| now + until(end, wall));
        self.paced.look_at = [day, self.next_probe(now, LOOK)].into_iter().flatten().min();
    }
}
