//! How long a request waits for what a session comes to, and how often one that is repeated has it told.

use crate::ports::{Clock, Sleeper};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Display;
use std::time::Duration;

/// How long an answer is waited for; the known web client asks again after five seconds, and the gateway gives up after 30.
const IN_ALL: SignedDuration = SignedDuration::from_secs(8);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// A client that polls repeats a command this often at most, in case the first was lost.
const COMMAND_EVERY_SECONDS: i64 = 5;

/// What a request has left of its time.
pub(super) struct Patience<'a> {
    clock: &'a dyn Clock,
    sleeper: &'a dyn Sleeper,
    until: Timestamp,
    next: Duration,
}

impl<'a> Patience<'a> {
    /// It begins now.
    pub(super) fn new(clock: &'a dyn Clock, sleeper: &'a dyn Sleeper) -> Self {
        Self { clock, sleeper, until: clock.now() + IN_ALL, next: FIRST_WAIT }
    }

    /// Whether the answer is due.
    pub(super) fn is_over(&self) -> bool {
        self.clock.now() >= self.until
    }

    /// Waits until the next look, each time half as long again.
    pub(super) async fn wait(&mut self) {
        self.sleeper.sleep(self.next).await;
        self.next = (self.next * 3 / 2).min(LONGEST_WAIT);
    }
}

/// What makes one command of those that polls of the same thing repeat, while its state is the one since then.
pub(super) fn of_poll(kind: &str, of: &impl Display, since: Timestamp, now: Timestamp) -> String {
    let bucket = now.as_second() / COMMAND_EVERY_SECONDS;
    format!("{kind}-{of}-{}-{bucket}", since.as_microsecond())
}
