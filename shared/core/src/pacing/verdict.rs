//! Whether a message may be written, and when that was asked.

use jiff::Timestamp;
use std::time::Duration;

/// Two clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time since some moment that stays the same, by a clock that never jumps.
    pub run: Duration,
    /// The time of day.
    pub wall: Timestamp,
}

/// Why a message is held back for longer than a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// These are quiet hours.
    QuietHours,
    /// It would begin a chat, and the day's are begun.
    NewChats,
}

/// Whether the next message may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Now.
    Go,
    /// After this time, and not before it.
    Wait(Duration),
    /// Not before then, by the time of day: ask again then.
    Hold(Hold, Timestamp),
}
