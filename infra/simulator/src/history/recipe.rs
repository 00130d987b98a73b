//! Chats that are made up: many of them cost nothing until a companion is sent them.

use serde::{Deserialize, Serialize};
use waproto::whatsapp as wa;

use crate::chronicle::{Chat, Receipt, Remembered};

/// The number of the first made-up contact; each next is one higher. They are on no account.
const FIRST_NUMBER: u64 = 5_511_970_000_000;

/// The LIDs of made-up contacts are above those of accounts.
const FIRST_LID: u64 = 900_000_000_000_000;

/// Between one chat's newest message and the next chat's, in seconds.
const BETWEEN_CHATS: u64 = 61;

/// Between a chat's messages, in seconds.
const BETWEEN_MESSAGES: u64 = 600;

/// How many chats with how many texts each. The same recipe always makes the same chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    pub(crate) chats: u32,
    /// In each chat.
    pub(crate) messages: u32,
    /// When the newest message was written, in seconds since the epoch.
    pub(crate) until: u64,
}

impl Recipe {
    /// A made-up contact's number.
    pub(crate) fn number(chat: u32) -> String {
        (FIRST_NUMBER + u64::from(chat)).to_string()
    }

    /// A made-up contact's LID, without the server.
    pub(crate) fn lid(chat: u32) -> String {
        (FIRST_LID + u64::from(chat)).to_string()
    }

    pub(crate) fn name(chat: u32) -> String {
        format!("Contato {:04}", chat + 1)
    }

    /// A chat with its messages. The newest chats are the first; some have messages that were not read.
    pub(crate) fn chat(&self, chat: u32) -> Chat {
        let newest = self.until.saturating_sub(u64::from(chat) * BETWEEN_CHATS);
        let messages: Vec<Remembered> = (0..self.messages)
            .rev()
            .map(|age| {
                let at = newest.saturating_sub(u64::from(age) * BETWEEN_MESSAGES);
                let from_me = is_from_me(chat, age);
                let text = format!("Mensagem {} de {}", self.messages - age, Self::name(chat));
                let message = wa::Message { conversation: Some(text), ..Default::default() };
                let id = format!("3A{chat:010X}{age:020X}");
                Remembered { receipt: Receipt::Read, ..Remembered::new(&id, from_me, at, &message) }
            })
            .collect();
        let unread = if chat.is_multiple_of(5) {
            messages.iter().rev().take_while(|message| !message.from_me).count() as u32
        } else {
            0
        };
        Chat { messages, unread }
    }
}

/// Whether the account wrote the message of this age (0 is the newest).
fn is_from_me(chat: u32, age: u32) -> bool {
    (chat + age) % 3 == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_makes_the_same_chats_every_time() {
        let recipe = Recipe { chats: 3, messages: 4, until: 1_700_000_000 };
        let chat = recipe.chat(0);
        assert_eq!(chat.messages.len(), 4);
        assert_eq!(chat.messages[3].at, 1_700_000_000);
        assert!(chat.messages.is_sorted_by_key(|message| message.at));
        assert_eq!(chat.unread, 2);
        assert_eq!(recipe.chat(1).unread, 0);
        let ids = |chat: &Chat| chat.messages.iter().map(|message| message.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&recipe.chat(0)), ids(&chat));
        assert!(ids(&recipe.chat(1)).iter().all(|id| !ids(&chat).contains(id)));
    }
}
