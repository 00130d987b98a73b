//! Parts that are handed over.

use super::PART;
use super::conversation::Found;
use carteiro_core::chat::{Chat, Contact, Message, Update};

/// What has been read and is not handed over yet.
#[derive(Default)]
pub(crate) struct Part {
    chats: Vec<Chat>,
    messages: Vec<Message>,
    contacts: Vec<Contact>,
}

impl Part {
    /// Adds a chat; gives the parts that are full.
    pub(crate) fn add(&mut self, found: Found) -> Vec<Update> {
        let mut full = Vec::new();
        self.chats.push(found.chat);
        self.contacts.extend(found.contact);
        for message in found.messages {
            self.messages.push(message);
            full.extend(self.take_if(|part| part.messages.len() >= PART));
        }
        full.extend(self.take_if(|part| part.chats.len() >= PART));
        full
    }

    /// Adds people; gives the parts that are full.
    pub(crate) fn add_contacts(&mut self, contacts: Vec<Contact>) -> Vec<Update> {
        let mut full = Vec::new();
        for contact in contacts {
            self.contacts.push(contact);
            full.extend(self.take_if(|part| part.contacts.len() >= PART));
        }
        full
    }

    /// What is left.
    pub(crate) fn rest(&mut self) -> Option<Update> {
        self.take_if(|part| !(part.chats.is_empty() && part.messages.is_empty() && part.contacts.is_empty()))
    }

    fn take_if(&mut self, is: impl Fn(&Self) -> bool) -> Option<Update> {
        is(self).then(|| {
            let Self { chats, messages, contacts } = std::mem::take(self);
            Update::History { chats, messages, contacts }
        })
    }
}
