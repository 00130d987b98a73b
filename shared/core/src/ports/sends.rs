//! Where sends are kept: the truth of the system.

use super::Unavailable;
use crate::ids::SendId;
use crate::phone::Phone;
use crate::send::{Send, Status, Step, Waiting};
use async_trait::async_trait;
use jiff::Timestamp;

/// What came of creating a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New,
    /// A send of this id was there; it is unchanged.
    Existing(Box<Send>),
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The step was taken.
    Moved,
    /// The send is at this status, from which the step does not lead on; nothing changed.
    Refused(Status),
    /// There is no such send.
    Unknown,
}

/// A send that waits in the table, at its place in its number's line: the order of what is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parked {
    /// From when on it may be sent: when it was accepted, or the time that it was scheduled for.
    pub begins_at: Timestamp,
    /// When it was accepted.
    pub queued_at: Timestamp,
    /// The send.
    pub id: SendId,
}

impl Parked {
    /// The place of a send.
    pub fn of(send: &Send) -> Self {
        Self { begins_at: send.begins_at(), queued_at: send.queued_at, id: send.id }
    }
}

/// Which of a number's sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// Those that are to be sent as soon as they can be, up to those that are being written.
    Open,
    /// Those that are scheduled.
    Scheduled,
}

/// Sends.
#[async_trait]
pub trait Sends: std::marker::Send + Sync + 'static {
    /// Stores a new send, due for a sweep at `due_at`; one that is [`Waiting::Scheduled`] is listed by [`Sends::scheduled`]. One
    /// write.
    async fn create(&self, send: &Send, due_at: Timestamp) -> Result<Created, Unavailable>;

    /// One send (strongly consistent).
    async fn find(&self, id: SendId) -> Result<Option<Send>, Unavailable>;

    /// Takes a step, if the send's status lets it; one conditional write. It dates its status, and those that it implies
    /// ([`Step::implies`]) where they have no date. Steps that end the wait (see
    /// [`Status::is_pending`]) take the send out of the sweeps.
    async fn apply(&self, id: SendId, step: &Step, at: Timestamp) -> Result<Applied, Unavailable>;

    /// Sets when a sweep must look at a pending send again, counting a requeue if `requeued`. No error, and no change, if
    /// it is no longer pending.
    async fn reschedule(&self, id: SendId, due_at: Timestamp, requeued: bool) -> Result<(), Unavailable>;

    /// Keeps a send until `until`, a whole second, where it would have been forgotten before. No error, and no change, if it is
    /// not there.
    async fn keep(&self, id: SendId, until: Timestamp) -> Result<(), Unavailable>;

    /// Pending sends whose sweep is due by `now`, oldest first, at most `limit`. Eventually consistent.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Send>, Unavailable>;

    /// Parks a pending send of `number` until the number is connected: it is listed by [`Sends::parked`], says why it
    /// waits, and its next sweep is at its expiry. Safe to repeat.
    async fn park(&self, send: &Send, why: Waiting) -> Result<(), Unavailable>;

    /// The parked sends of a number in order, from after `after`, at most `limit` (strongly consistent).
    async fn parked(
        &self,
        number: &Phone,
        after: Option<&Parked>,
        limit: usize,
    ) -> Result<Vec<Parked>, Unavailable>;

    /// Takes a send from the parked ones. Safe to repeat.
    async fn unpark(&self, number: &Phone, parked: &Parked) -> Result<(), Unavailable>;

    /// How many pending sends of a number there are, counted no further than `limit`. Eventually consistent.
    async fn waiting(&self, number: &Phone, line: Line, limit: usize) -> Result<usize, Unavailable>;

    /// A number's scheduled sends whose time is not after `until`, in order, at most `limit`. Eventually consistent: it may hold
    /// some that were released or ended a moment ago, as they are now.
    async fn scheduled(
        &self,
        number: &Phone,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Send>, Unavailable>;

    /// Notes that a scheduled send was put in line, which counts as a requeue, and when a sweep must look at it. No error, and no
    /// change, if it is not scheduled any more.
    async fn release(&self, send: &Send, due_at: Timestamp) -> Result<(), Unavailable>;
}
