//! What names a message.

use super::Address;
use crate::ids::MessageId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What names a message of a number: its id is unique only together with its chat, its direction and, in a group, its author.
///
/// `Display` is V1's serialized form, `<fromMe>_<chat>_<id>[_<participant>]`, with addresses as V1 writes them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageKey {
    /// The chat, by the address that it is kept by: see [`super::Person::address`].
    pub chat: Address,
    /// Whether the number wrote it, on whatever device.
    pub from_me: bool,
    /// WhatsApp's id.
    pub id: MessageId,
    /// Who wrote it, in groups and lists where it was not the number.
    pub participant: Option<Address>,
}

/// What was given is no serialized key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a message")]
pub struct InvalidKey;

impl MessageKey {
    /// The key of a message of ours.
    pub fn ours(chat: Address, id: MessageId) -> Self {
        Self { chat, from_me: true, id, participant: None }
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}_{}", self.from_me, self.chat.v1(), self.id.as_str())?;
        match &self.participant {
            Some(participant) => write!(f, "_{}", participant.v1()),
            None => Ok(()),
        }
    }
}

impl FromStr for MessageKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (from_me, rest) = text.split_once('_').ok_or(InvalidKey)?;
        let (chat, rest) = rest.split_once('_').ok_or(InvalidKey)?;
        let (id, participant) = match rest.rsplit_once('_') {
            Some((id, participant)) if participant.contains('@') => {
                (id, Some(participant.parse().map_err(|_| InvalidKey)?))
            }
            _ => (rest, None),
        };
        let from_me = match from_me {
            "true" => true,
            "false" => false,
            _ => return Err(InvalidKey),
        };
        let id = id.parse().map_err(|_| InvalidKey)?;
        let chat = chat.parse().map_err(|_| InvalidKey)?;
        Ok(Self { chat, from_me, id, participant })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for text in [
            "true_5511988887777@c.us_3EB0A",
            "false_120363000000000001@g.us_ABC_5511988887777@c.us",
            "false_77@lid_A_B",
            "false_120363000000000001@g.us_A_B_77@lid",
        ] {
            assert_eq!(text.parse::<MessageKey>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "true",
            "sim_5511988887777@c.us_A",
            "true_x_A",
            "true_5511988887777@c.us_",
            "true_77@lid_a b",
        ] {
            assert_eq!(text.parse::<MessageKey>(), Err(InvalidKey), "{text}");
        }
    }
}
