//! How far a message is.

use serde::{Deserialize, Serialize};

/// How far a message of ours is, as V1's `ack` counts. It only ever moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "i8", try_from = "i8")]
pub enum Ack {
    /// It was not sent.
    Failed,
    /// It waits to be sent.
    Pending,
    /// WhatsApp's server has it.
    Sent,
    /// A device of the recipient has it.
    Received,
    /// It was read.
    Read,
    /// It was listened to or watched.
    Played,
}

impl Ack {
    /// All of them, in order.
    pub const ALL: [Ack; 6] = [Ack::Failed, Ack::Pending, Ack::Sent, Ack::Received, Ack::Read, Ack::Played];

    /// As V1 writes it: -1 to 4.
    pub fn number(self) -> i8 {
        self as i8 - 1
    }

    /// Whether a message at this ack may go on to `next`: forward only, and it fails only while it waits.
    pub fn leads_to(self, next: Ack) -> bool {
        match next {
            Ack::Failed => self == Ack::Pending,
            _ => self < next && self != Ack::Failed,
        }
    }
}

impl From<Ack> for i8 {
    fn from(ack: Ack) -> i8 {
        ack.number()
    }
}

impl TryFrom<i8> for Ack {
    type Error = InvalidAck;

    fn try_from(number: i8) -> Result<Self, InvalidAck> {
        Ack::ALL.into_iter().find(|ack| ack.number() == number).ok_or(InvalidAck)
    }
}

/// What was given is no ack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an ack is -1 to 4")]
pub struct InvalidAck;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acks_move_forward_only() {
        for (index, ack) in Ack::ALL.into_iter().enumerate() {
            assert_eq!(ack.number(), index as i8 - 1);
            assert_eq!(Ack::try_from(ack.number()), Ok(ack));
            assert!(!ack.leads_to(ack));
        }
        assert!(Ack::Pending.leads_to(Ack::Failed) && Ack::Pending.leads_to(Ack::Played));
        assert!(!Ack::Sent.leads_to(Ack::Failed) && !Ack::Failed.leads_to(Ack::Sent));
        assert!(!Ack::Read.leads_to(Ack::Received));
    }
}
