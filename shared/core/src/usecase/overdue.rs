//! When a pending send is looked at again, and when it is given up.

use crate::send::{Send, Status};
use jiff::{SignedDuration, Timestamp};

/// How long the session task is left alone with a send that it has taken. Within it, a send may be on the wire, so it is
/// neither failed nor handed over again; the shard's queue itself repeats what a crashed task did not finish.
pub(crate) const IN_HAND: SignedDuration = SignedDuration::from_mins(15);
/// How long after a send was handed over a sweep looks at it again, the first time.
const FIRST: SignedDuration = SignedDuration::from_mins(15);
/// The longest time between two looks.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

/// What the time means for a pending send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// It may still be sent.
    No,
    /// The session task took it a moment ago: leave it alone until then.
    InHand(Timestamp),
    /// It must not be sent any more.
    Yes,
}

/// Whether a pending send is over its time.
pub(crate) fn overdue(send: &Send, now: Timestamp) -> Overdue {
    if let (Status::Processing, Some(taken_at)) = (send.status, send.processing_at) {
        let until = taken_at.saturating_add(IN_HAND).unwrap_or(Timestamp::MAX);
        if now < until {
            return Overdue::InHand(until);
        }
    }
    if now < send.expires_at { Overdue::No } else { Overdue::Yes }
}

/// When to look again at a send that is handed over now and was put back `requeues` times: after 15 minutes, then 15, 30, 60
/// and so on to 6 hours, but not after its expiry.
pub(crate) fn next_sweep(send: &Send, requeues: u32, now: Timestamp) -> Timestamp {
    let doublings = requeues.saturating_sub(1).min(16);
    let wait = (FIRST * (1i32 << doublings)).min(LONGEST);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX).min(send.expires_at)
}
