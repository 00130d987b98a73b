//! What can happen to a send.

use super::{Failure, Status};

/// One step of a send's life; each leads to a status, and is taken only from the statuses that
/// [`Status::reachable_from`] lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The session task takes it, having resolved the recipient to this address on WhatsApp. From here on it cannot be
    /// cancelled, and every try goes to this address.
    Take(String),
    /// WhatsApp's server acknowledged it.
    Acknowledge,
    /// A device of the recipient has it.
    Deliver,
    /// The recipient read it.
    Read,
    /// It will not be sent.
    Fail(Failure),
    /// Its tenant took it back.
    Cancel,
}

impl Step {
    /// The statuses that the send has passed once this step is taken, whether or not they were told of: what was read had been
    /// delivered. Those that have no time yet get the step's.
    pub fn implies(&self) -> &'static [Status] {
        match self {
            Step::Deliver => &[Status::Sent],
            Step::Read => &[Status::Sent, Status::Delivered],
            Step::Take(_) | Step::Acknowledge | Step::Fail(_) | Step::Cancel => &[],
        }
    }

    /// The status that the step leads to.
    pub fn leads_to(&self) -> Status {
        match self {
            Step::Take(_) => Status::Processing,
            Step::Acknowledge => Status::Sent,
            Step::Deliver => Status::Delivered,
            Step::Read => Status::Read,
            Step::Fail(_) => Status::Failed,
            Step::Cancel => Status::Cancelled,
        }
    }
}
