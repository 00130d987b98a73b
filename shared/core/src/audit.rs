//! The trail of what the operator did to tenants.

use crate::ids::{AuditId, UserId};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditPlace {
    /// When.
    pub at: Timestamp,
    /// Which of those of that microsecond.
    pub id: AuditId,
}

impl AuditPlace {
    /// As a cursor.
    pub fn written(self) -> String {
        format!("{}{}", hex::encode(self.at.as_microsecond().to_be_bytes()), hex::encode(self.id.as_bytes()))
    }

    /// Reads what [`AuditPlace::written`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 24];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = Timestamp::from_microsecond(i64::from_be_bytes(*at)).ok()?;
        Some(Self { at, id: AuditId::from_bytes(id.try_into().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn actions_read_back() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_stored(action.as_str()), Some(action));
        }
        assert_eq!(AuditAction::from_stored("user.rename"), None);
    }

    proptest! {
        #[test]
        fn a_place_reads_back(micros in 0i64..4_000_000_000_000_000, id: [u8; 16]) {
            let at = Timestamp::from_microsecond(micros).unwrap();
            let place = AuditPlace { at, id: AuditId::from_random(id) };
            prop_assert_eq!(AuditPlace::read(&place.written()), Some(place));
        }

        #[test]
        fn what_is_no_place_is_none(text in ".{0,60}") {
            prop_assert!(AuditPlace::read(&text).is_none_or(|place| place.written() == text.to_lowercase()));
        }
    }
}
