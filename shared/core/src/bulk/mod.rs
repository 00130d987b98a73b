//! Bulk operations: one text, with variables, to as many as 10,000 recipients of one number.
//!
//! An operation is not thousands of sends at once. Its rows become sends a few at a time, and no more of them wait at any
//! moment than their number sends in some seconds ([`window`]); more are made as those leave. So a campaign never fills its number's line: a single send that comes
//! meanwhile is soon on its way, and who pauses or cancels has not lost thousands of sends to the queue.

mod body;
mod counts;
mod details;
mod row;
mod state;
mod template;
mod window;

pub use body::{BulkBody, BulkRow};
pub use counts::BulkCounts;
pub use details::BulkDetails;
pub use row::RowItem;
pub use state::{BulkFailure, BulkState, BulkWaiting, BulkWish, TooLate};
pub use template::{InvalidTemplate, NotFilled, Template};
pub use window::{WINDOW, window};

use crate::ids::{BulkId, SendId, UserId};
use crate::object::ObjectKey;
use crate::phone::Phone;
use crate::place::Place;
use crate::retention::RetentionDays;
use crate::send::RequestHash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The most recipients of one operation.
pub const MAX_RECIPIENTS: usize = 10_000;
/// How many rows become sends before it is looked again whether they still should.
pub const SLICE: u32 = 20;
/// How many rows after the first that still waits may be sends: one that waits long holds up no others, and no more rows than
/// these are ever looked at.
pub const SPAN: u32 = 400;

/// One text to many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Its id.
    pub id: BulkId,
    /// Whose it is.
    pub user: UserId,
    /// The worker number that it goes out from.
    pub from: Phone,
    /// How many rows it has.
    pub total: u32,
    /// The rows before this one are sends.
    pub made: u32,
    /// The sends of the rows before this one wait no more.
    pub settled: u32,
    /// How far it is.
    pub state: BulkState,
    /// Why it makes no sends for now, where there is a reason.
    pub waiting: Option<BulkWaiting>,
    /// The hash of what was asked for.
    pub request: RequestHash,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it is to begin, where that was later than when it was accepted.
    pub send_at: Option<Timestamp>,
    /// After when none of it must be sent any more, where the client said so.
    pub expires_at: Option<Timestamp>,
    /// For how long its sends are kept.
    pub retention: RetentionDays,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// Which message of the queue goes on with it: those of a lower turn are over.
    pub turn: u32,
    /// When that message comes out.
    pub wake_at: Timestamp,
    /// How many seconds the last run let pass before the next.
    pub rest: u32,
    /// How many runs were begun since it last got further.
    pub attempts: u32,
    /// Until when the run that is under way may take.
    pub busy_until: Option<Timestamp>,
    /// How often it was saved.
    pub revision: u32,
}

/// A place among a tenant's operations, which are in the order of time.
pub type BulkPlace = Place<BulkId>;

/// Says that an operation is to be gone on with: what the queue of bulk operations carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkWanted {
    /// The operation.
    pub operation_id: BulkId,
    /// Its turn; see [`Bulk::turn`].
    pub turn: u32,
}

impl Bulk {
    /// How long after its begin an operation may make sends, when its client does not say. Ten thousand new chats at a few
    /// hundred a day take weeks.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
    /// How long an operation is kept after its time, unless its sends are kept for a shorter one.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

    /// Its place among its tenant's.
    pub fn place(&self) -> BulkPlace {
        BulkPlace { at: self.created_at, id: self.id }
    }

    /// From when on its sends are made.
    pub fn begins_at(&self) -> Timestamp {
        self.send_at.unwrap_or(self.created_at)
    }

    /// When the rest is given up.
    pub fn deadline(&self) -> Timestamp {
        self.expires_at.unwrap_or_else(|| later(self.begins_at(), Self::LIFETIME))
    }

    /// When it may be forgotten: not after its sends are.
    pub fn kept_until(&self) -> Timestamp {
        later(self.deadline(), Self::KEPT.min(self.retention.length()))
    }

    /// Where its rows are kept.
    pub fn object(&self) -> ObjectKey {
        ObjectKey::bulk(self.user, self.id)
    }

    /// The sends of these rows.
    pub fn sends(&self, rows: Range<u32>) -> Vec<SendId> {
        rows.map(|row| SendId::of_row(self.id, row)).collect()
    }

    /// What the queue is told.
    pub fn wanted(&self) -> BulkWanted {
        BulkWanted { operation_id: self.id, turn: self.turn }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_stable() {
        let wanted = BulkWanted { operation_id: BulkId::from_random([0; 16]), turn: 7 };
        let json = r#"{"operation_id":"00000000-0000-4000-8000-000000000000","turn":7}"#;
        assert_eq!(serde_json::to_string(&wanted).unwrap(), json);
        assert_eq!(serde_json::from_str::<BulkWanted>(json).unwrap(), wanted);
    }
}
