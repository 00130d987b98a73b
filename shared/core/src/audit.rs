//! The trail of what the operator did to tenants.

use crate::ids::{AuditId, UserId};
use crate::place::Place;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// What the operator did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// It made an account.
    Register,
    /// It changed an account.
    Change,
    /// It had personal data written to a file.
    Export,
    /// It had personal data erased.
    Erase,
    /// It was given the address of a file of personal data.
    Read,
    /// It removed an account with all that it had.
    Remove,
}

impl AuditAction {
    /// All of them.
    pub const ALL: [AuditAction; 6] = [
        AuditAction::Register,
        AuditAction::Change,
        AuditAction::Export,
        AuditAction::Erase,
        AuditAction::Read,
        AuditAction::Remove,
    ];

    /// As the log and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditAction::Register => "user.register",
            AuditAction::Change => "user.change",
            AuditAction::Export => "privacy.export",
            AuditAction::Erase => "privacy.erase",
            AuditAction::Read => "privacy.read",
            AuditAction::Remove => "user.remove",
        }
    }

    /// Reads what [`AuditAction::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        AuditAction::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

impl fmt::Display for AuditAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that the operator did. It is written once, before the thing is done, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When, to the microsecond.
    pub at: Timestamp,
    /// What.
    pub action: AuditAction,
    /// On which tenant.
    pub user: UserId,
    /// To what: `plan=premium`. It holds no secret, and numbers are masked.
    pub to: String,
}

impl AuditEntry {
    /// For how long an entry is kept: five years, as the proof of an erasure.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

    /// Its place in the trail.
    pub fn place(&self) -> AuditPlace {
        AuditPlace { at: self.at, id: self.id }
    }

    /// When it may be forgotten.
    pub fn kept_until(&self) -> Timestamp {
        self.at.saturating_add(Self::KEPT).unwrap_or(Timestamp::MAX)
    }
}

/// A place in the trail, which is in the order of time.
pub type AuditPlace = Place<AuditId>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_read_back() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_stored(action.as_str()), Some(action));
        }
        assert_eq!(AuditAction::from_stored("user.rename"), None);
    }
}
