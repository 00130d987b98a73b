//! What can happen to a send.

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// `dispatch` takes the first signal; a call of that name fails.
    Dispatch(Option<&'static str>),
    /// The same, and the signal is not deleted.
    DispatchTwice,
    /// The sweeper runs; a call of that name fails.
    Sweep(Option<&'static str>),
    /// The tenant takes it back.
    Cancel,
    /// The session receives a command.
    Receive,
    /// The session takes its next step.
    Step,
    /// The session takes the send, and dies before it writes.
    TakeAndDie,
    /// WhatsApp acknowledges what was written.
    Acknowledge,
    /// WhatsApp refuses it.
    Refuse,
    /// The recipient's device has it.
    Deliver,
    /// The recipient reads it.
    Read,
    /// The number loses its connection.
    Drop,
    /// It is connected again.
    Connect,
    /// The session dies; another one goes on.
    Die,
    /// Time passes until something is due.
    Wait,
}

impl Act {
    pub(super) fn is_fault(self) -> bool {
        match self {
            Act::Dispatch(fails) | Act::Sweep(fails) => fails.is_some(),
            Act::DispatchTwice | Act::TakeAndDie | Act::Drop | Act::Die => true,
            _ => false,
        }
    }
}
