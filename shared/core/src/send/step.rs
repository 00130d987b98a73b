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
