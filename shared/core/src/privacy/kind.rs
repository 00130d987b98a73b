//! What is asked for.

use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyKind {
    /// All that is kept, as a file.
    Export,
    /// That nothing be kept any more.
    Erase,
}

impl PrivacyKind {
    /// As it is stored and as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            PrivacyKind::Export => "export",
            PrivacyKind::Erase => "erase",
        }
    }

    /// Reads what [`PrivacyKind::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        [PrivacyKind::Export, PrivacyKind::Erase].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back() {
        for kind in [PrivacyKind::Export, PrivacyKind::Erase] {
            assert_eq!(PrivacyKind::from_stored(kind.as_str()), Some(kind));
        }
        assert_eq!(PrivacyKind::from_stored("erased"), None);
    }
}
