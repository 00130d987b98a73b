//! The order of messages of one second.

use crate::chat::{Address, Message};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Of how many chats the latest second is remembered.
const CHATS: usize = 1_000;

/// WhatsApp counts seconds. Messages of one chat and second get a fraction in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Order {
    latest: HashMap<Address, Timestamp>,
}

impl Order {
    /// Gives a message its place behind those of the same second. One that has a fraction keeps its time.
    pub(super) fn place(&mut self, message: &mut Message) {
        let chat = &message.key.chat;
        let last = self.latest.get(chat).copied().filter(|last| last.as_second() == message.at.as_second());
        if let Some(last) = last
            && message.at.subsec_nanosecond() == 0
            && let Ok(next) = last.checked_add(SignedDuration::from_micros(1))
            && next.as_second() == message.at.as_second()
        {
            message.at = next;
        }
        if self.latest.len() >= CHATS && !self.latest.contains_key(chat) {
            self.latest.clear();
        }
        self.latest.insert(chat.clone(), message.at);
    }
}
