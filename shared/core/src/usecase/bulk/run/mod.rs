//! Going on with operations, turn by turn.

mod cancel;
mod make;

use crate::bulk::{Bulk, BulkBody, BulkFailure, BulkState, BulkWaiting, BulkWanted, Template};
use crate::ports::{BulkQueue, BulkSends, Bulks, Clock, LONGEST_DELAY, Objects, Unavailable};
use crate::send::in_micros;
use crate::usecase::doubling::doubling;
use crate::usecase::{AcceptSend, CancelSend, FindRules};
use crate::user::User;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How much of a run's time must be left for another slice to be begun: twice what a slowly answering slice takes.
const RESERVE: SignedDuration = SignedDuration::from_secs(20);
/// How long after its end a run still keeps others off: what the clocks of two machines may differ by.
const SLACK: SignedDuration = SignedDuration::from_secs(5);
/// The shortest time between two runs, in seconds.
const SHORTEST: u32 = 2;
/// The longest while its sends leave.
const USUAL: u32 = 10;
/// The longest, while there is something to wait for that comes by itself.
const LONGEST: u32 = 60;
/// How long the next run waits at least.
const SHORTEST_DELAY: Duration = Duration::from_secs(1);
/// How long the first run after a failed one waits; each further one twice as long, up to [`LONGEST_DELAY`].
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// What [`RunBulk`] works with.
#[derive(Clone)]
pub struct RunBulkPorts {
    /// Where operations are.
    pub bulks: Arc<dyn Bulks>,
    /// The queue of operations.
    pub queue: Arc<dyn BulkQueue>,
    /// Where their sends are.
    pub sends: Arc<dyn BulkSends>,
    /// Where their rows are.
    pub objects: Arc<dyn Objects>,
    /// How fast numbers send, and where their tenants are.
    pub rules: FindRules,
}

/// Goes on with operations.
pub struct RunBulk {
    ports: RunBulkPorts,
    accept: AcceptSend,
    cancel: CancelSend,
    clock: Arc<dyn Clock>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RanBulk {
    /// None of its sends waits any more: it is done.
    Done,
    /// So many rows are sends; it goes on in another run.
    GoesOn(u32),
    /// It is paused.
    Paused,
    /// It is cancelled, and so many of its sends that waited with it.
    Cancelled(u32),
    /// The rest will not be sent.
    Failed(BulkFailure),
    /// It is over, or another message goes on with it.
    Nothing,
    /// There is no such operation.
    Unknown,
    /// Another run is at it.
    Busy,
    /// Something did not answer; it goes on later.
    Postponed(Unavailable),
}

/// What ends a run.
enum Stop {
    /// It goes on after so long.
    Rest(Duration),
    /// It has come to this end, or is paused; it is not saved yet.
    End(BulkState),
    /// Another run has taken it over.
    Lost,
    /// Something did not answer.
    Unavailable(Unavailable),
}

impl From<Unavailable> for Stop {
    fn from(error: Unavailable) -> Self {
        Stop::Unavailable(error)
    }
}

/// One run.
struct Run<'a> {
    on: &'a RunBulk,
    bulk: Bulk,
    /// The time after which nothing of this run happens any more.
    until: Timestamp,
    /// What is known of the operation once it has been read.
    rows: Option<(User, BulkBody, Template)>,
    /// Whose it is, and how long after one another its number sends, once that has been read.
    sender: Option<(Option<User>, Duration)>,
    /// How many of its sends this run has seen to have left.
    moved: u32,
    /// How many sends this run has taken back.
    taken_back: u32,
}

impl RunBulk {
    /// Wires it up.
    pub fn new(ports: RunBulkPorts, accept: AcceptSend, cancel: CancelSend, clock: Arc<dyn Clock>) -> Self {
        Self { ports, accept, cancel, clock }
    }

    /// Takes an operation's turn: makes as many sends as may wait at a time, and sees to it that another message comes for the
    /// rest. The run must be dead after `until`. Safe to repeat, and to be cut off anywhere.
    ///
    /// # Errors
    /// [`Unavailable`] when not even the next message could be put in the queue: this one must come again.
    pub async fn run(&self, wanted: &BulkWanted, until: Timestamp) -> Result<RanBulk, Unavailable> {
        let mut bulk = loop {
            let Some(mut bulk) = self.ports.bulks.find(wanted.operation_id).await? else {
                return Ok(RanBulk::Unknown);
            };
            if bulk.state.is_over() || wanted.turn < bulk.turn {
                return Ok(RanBulk::Nothing);
            }
            if bulk.state == BulkState::Paused {
                return Ok(RanBulk::Paused);
            }
            if bulk.busy_until.is_some_and(|busy| self.clock.now() < busy) {
                return Ok(RanBulk::Busy);
            }
            bulk.attempts = bulk.attempts.saturating_add(1);
            bulk.busy_until = Some(in_micros(until.saturating_add(SLACK).unwrap_or(Timestamp::MAX)));
            if self.ports.bulks.save(&mut bulk).await? {
                break bulk;
            }
        };
        // A message may come before the turn that it was put in the queue for was saved.
        bulk.turn = bulk.turn.max(wanted.turn);
        let mut run = Run { on: self, bulk, until, rows: None, sender: None, moved: 0, taken_back: 0 };
        loop {
            let stop = run.work().await;
            if let Some(ran) = run.end(stop).await? {
                return Ok(ran);
            }
        }
    }
}

impl Run<'_> {
    /// Works until there is a reason to stop.
    async fn work(&mut self) -> Stop {
        loop {
            let done = match self.bulk.state {
                BulkState::Paused => return Stop::End(BulkState::Paused),
                BulkState::Cancelling => self.take_back().await,
                BulkState::Queued | BulkState::Running => self.make_slice().await,
                over => return Stop::End(over),
            };
            if let Err(stop) = done {
                return stop;
            }
        }
    }

    /// Brings a run to its end; `None` when its tenant has wished for something meanwhile: then it goes on.
    async fn end(&mut self, stop: Stop) -> Result<Option<RanBulk>, Unavailable> {
        match stop {
            Stop::Lost => Ok(Some(RanBulk::Busy)),
            Stop::End(state) => self.finish(state).await,
            Stop::Rest(delay) => {
                self.bulk.attempts = 0;
                let made = self.bulk.made;
                Ok(self.hand_over(delay).await?.then_some(RanBulk::GoesOn(made)))
            }
            Stop::Unavailable(error) => {
                let delay = doubling(FIRST_WAIT, self.bulk.attempts, LONGEST_DELAY);
                Ok(self.hand_over(delay).await?.then_some(RanBulk::Postponed(error)))
            }
        }
    }

    /// Puts the next turn in the queue, and then says that it is the next one: after a crash between the two, this turn's message
    /// comes again beside that one, and the second of them finds its turn taken. Whether it was so: `false` when the tenant has
    /// wished for something meanwhile.
    async fn hand_over(&mut self, delay: Duration) -> Result<bool, Unavailable> {
        // Not at once: the message would find this run still at it, and come again long after.
        let delay = delay.clamp(SHORTEST_DELAY, LONGEST_DELAY);
        let mut next = self.bulk.clone();
        next.turn = next.turn.saturating_add(1);
        next.busy_until = None;
        next.wake_at = in_micros(self.on.clock.now().saturating_add(delay).unwrap_or(Timestamp::MAX));
        self.on.ports.queue.push(&next.wanted(), delay).await?;
        if self.on.ports.bulks.save(&mut next).await? {
            return Ok(true);
        }
        // Lost to another run: that one goes on with it.
        Ok(!self.see_wish().await?)
    }

    /// Saves an end, or that it is paused.
    async fn finish(&mut self, state: BulkState) -> Result<Option<RanBulk>, Unavailable> {
        let mut ended = self.bulk.clone();
        ended.state = state;
        ended.busy_until = None;
        ended.attempts = 0;
        if state.is_over() {
            ended.waiting = None;
            ended.ended_at = Some(in_micros(self.on.clock.now()));
            // Before it is said to be over: nobody looks after it any more then.
            self.on.ports.objects.delete(&ended.object()).await?;
        }
        if !self.on.ports.bulks.save(&mut ended).await? {
            return Ok(if self.see_wish().await? { None } else { Some(RanBulk::Busy) });
        }
        Ok(Some(match state {
            BulkState::Done => RanBulk::Done,
            BulkState::Cancelled => RanBulk::Cancelled(self.taken_back),
            BulkState::Failed(failure) => RanBulk::Failed(failure),
            _ => RanBulk::Paused,
        }))
    }

    /// Stores how far it is. What the tenant has wished for meanwhile is seen then.
    async fn save(&mut self) -> Result<(), Stop> {
        while !self.on.ports.bulks.save(&mut self.bulk).await? {
            if !self.see_wish().await? {
                return Err(Stop::Lost);
            }
        }
        Ok(())
    }

    /// Takes over what another has saved: the tenant's wish, which changes nothing but the state. Whether it is still this run's
    /// operation.
    async fn see_wish(&mut self) -> Result<bool, Unavailable> {
        let stored = self.on.ports.bulks.find(self.bulk.id).await?;
        let Some(stored) = stored.filter(|stored| stored.busy_until == self.bulk.busy_until) else {
            return Ok(false);
        };
        self.bulk.revision = stored.revision;
        let begun = stored.state == BulkState::Queued && self.bulk.state == BulkState::Running;
        if !begun {
            self.bulk.state = stored.state;
        }
        Ok(true)
    }

    /// Whether too little time is left for another slice.
    fn is_over(&self) -> bool {
        self.on.clock.now().saturating_add(RESERVE).unwrap_or(Timestamp::MAX) >= self.until
    }

    /// After how long to look again: longer where little moved, shorter where the line is nearly empty.
    fn rest(&mut self, pending: u32, window: u32) -> Duration {
        let rest = self.bulk.rest.clamp(SHORTEST, if self.moved == 0 { LONGEST } else { USUAL });
        self.bulk.rest = match () {
            () if self.moved == 0 => rest.saturating_mul(2).min(LONGEST),
            () if pending * 4 > window * 3 => rest.saturating_mul(2).min(USUAL),
            () if pending * 4 < window => (rest / 2).max(SHORTEST),
            () => rest,
        };
        Duration::from_secs(u64::from(rest))
    }

    fn wait_for(&mut self, waiting: BulkWaiting) {
        self.bulk.waiting = Some(waiting);
    }
}
