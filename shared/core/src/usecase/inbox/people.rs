//! Who has written lately, so that not every message writes its author anew.

use crate::chat::{Address, ContactChange, Message};
use std::collections::HashMap;

/// How many people are remembered.
const PEOPLE: usize = 2_000;

/// What is known of those who have written since the inbox was opened.
#[derive(Debug, Default)]
pub(super) struct Acquaintance {
    known: HashMap<Address, (Option<Address>, Option<String>)>,
}

impl Acquaintance {
    /// What a message tells of its author that is not known to be stored.
    pub(super) fn news(&self, message: &Message) -> Option<ContactChange> {
        let author = &message.author;
        if message.key.from_me || !author.address().is_person() {
            return None;
        }
        let (lid, push_name) = (author.lid().cloned(), message.push_name.clone());
        let says = push_name.is_some() || (lid.is_some() && author.phone().is_some());
        let news = says && self.known.get(author.address()) != Some(&(lid, push_name.clone()));
        let person = author.clone();
        news.then_some(ContactChange { person, name: None, push_name, verified_name: None })
    }

    /// It is stored.
    pub(super) fn learn(&mut self, message: &Message) {
        if self.known.len() >= PEOPLE {
            self.known.clear();
        }
        let known = (message.author.lid().cloned(), message.push_name.clone());
        self.known.insert(message.author.address().clone(), known);
    }
}
