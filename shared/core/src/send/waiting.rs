//! Why a send waits.

/// Why a send is `na fila` for a time that is not its line's alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Its number is not connected to WhatsApp.
    NotConnected,
    /// It was asked for a time that has not come.
    Scheduled,
    /// Its number does not write at this time of the day.
    QuietHours,
    /// It would begin a chat, and its number has begun as many as it may for now.
    NewChats,
    /// It would begin a chat, which WhatsApp does not let its number do for now.
    Restricted,
    /// Its number has more to write than its pace lets out soon.
    Paced,
}

impl Waiting {
    /// All of them.
    pub const ALL: [Waiting; 6] = [
        Waiting::NotConnected,
        Waiting::Scheduled,
        Waiting::QuietHours,
        Waiting::NewChats,
        Waiting::Restricted,
        Waiting::Paced,
    ];

    /// As it is stored, and as the API's `waiting` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Waiting::NotConnected => "NUMBER_NOT_CONNECTED",
            Waiting::Scheduled => "SCHEDULED",
            Waiting::QuietHours => "QUIET_HOURS",
            Waiting::NewChats => "NEW_CHATS",
            Waiting::Restricted => "NEW_CHATS_RESTRICTED",
            Waiting::Paced => "PACED",
        }
    }

    /// Reads what [`Waiting::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back() {
        for why in Waiting::ALL {
            assert_eq!(Waiting::from_stored(why.as_str()), Some(why));
        }
        assert_eq!(Waiting::from_stored("scheduled"), None);
    }
}
