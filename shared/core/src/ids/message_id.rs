//! The ids that messages have on WhatsApp.

use super::{InvalidId, SendId};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

impl SendId {
    /// The WhatsApp message id of this send. A retry after a crash has the same one, so the recipient's client, which
    /// drops a message whose id it has seen, shows the text once.
    pub fn message_id(&self) -> MessageId {
        MessageId(format!("{:X}", self.0.simple()))
    }
}

/// The id that a message has on WhatsApp: 1 to 128 visible ASCII characters. Ours are the send id as 32 upper-case hexadecimal
/// digits (the form that WhatsApp for Android uses), so a receipt leads to its send without a look-up table.
///
/// The id by which one message names another is encrypted, so WhatsApp's server cannot check it: it is whatever its author wrote, of
/// any length, and comes in by [`FromStr`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// The most bytes of an id. WhatsApp's clients make ids of at most 32; with everything else that stands in a key of DynamoDB's
    /// (1,024 bytes) there is room for more.
    pub const MAX_BYTES: usize = 128;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The send that this message is, if it can be one of ours.
    pub fn send_id(&self) -> Option<SendId> {
        let ours = self.0.len() == 32 && self.0.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
        ours.then(|| Uuid::try_parse(&self.0).ok().map(SendId)).flatten()
    }
}

impl FromStr for MessageId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = (1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_message_id_leads_back_to_its_send(bytes: [u8; 16]) {
            let id = SendId::from_random(bytes);
            prop_assert_eq!(id.message_id().send_id(), Some(id));
            prop_assert_eq!(id.to_string().parse::<SendId>(), Ok(id));
        }
    }

    #[test]
    fn foreign_message_ids_are_no_sends() {
        for text in ["", "3EB0C431C26A1916E07E", "3A5F0000000000000000", "zz000000000000000000000000000000"] {
            assert_eq!(text.parse::<MessageId>().ok().and_then(|id| id.send_id()), None, "{text}");
        }
    }

    #[test]
    fn an_id_that_could_be_no_key_is_none() {
        let longest = "A".repeat(MessageId::MAX_BYTES);
        assert_eq!(longest.parse::<MessageId>().unwrap().as_str(), longest);
        for text in ["", "a b", "a\0", "é", "A\n", &format!("{longest}A"), &"A".repeat(1_000_000)] {
            assert_eq!(text.parse::<MessageId>(), Err(InvalidId), "{} bytes", text.len());
        }
    }
}
