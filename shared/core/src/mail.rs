//! Mail that came back.

use jiff::Timestamp;

/// Why mail to an address came back for good. What comes back for a while only (a full mailbox, a server that is down) is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyReturned {
    /// There is no such mailbox, or its server takes nothing from here.
    Bounce,
    /// Its owner called the mail spam.
    Complaint,
}

impl WhyReturned {
    /// Its name, as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
        }
    }

    /// What has this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Bounce, Self::Complaint].into_iter().find(|why| why.as_str() == name)
    }
}

/// That mail to an address came back for good. The mail service sends no more there until somebody takes the address from its
/// list, so whoever asks for a code gets none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailReturned {
    /// Why.
    pub why: WhyReturned,
    /// When that was found.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back() {
        for why in [WhyReturned::Bounce, WhyReturned::Complaint] {
            assert_eq!(WhyReturned::from_name(why.as_str()), Some(why));
        }
        assert_eq!(WhyReturned::from_name("Bounce"), None);
    }
}
