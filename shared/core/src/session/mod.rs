//! V1's sessions: names that a tenant gives, each paired with a number by QR.

mod name;
pub mod news;
mod pairing;

pub use name::{InvalidSessionName, RESERVED, SessionName};
pub use pairing::{Pairing, PairingReport, PairingState};

use crate::ids::{PairingId, UserId};
use crate::phone::Phone;
use jiff::Timestamp;

/// A session of V1. Once it is paired, its number is a worker of the tenant like any other, with a link of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSession {
    /// Whose it is.
    pub user: UserId,
    /// What its tenant calls it.
    pub name: SessionName,
    /// The number that it was last paired with.
    pub number: Option<Phone>,
    /// The pairing under way, or the last one.
    pub pairing: Option<PairingId>,
    /// When it was made.
    pub created_at: Timestamp,
}
