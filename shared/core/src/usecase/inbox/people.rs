//! Who has written lately and who was written to, so that not every message writes them anew.

use crate::chat::{Address, ContactChange, Message, Person};
use std::collections::HashMap;

/// How many people are remembered.
const PEOPLE: usize = 2_000;

/// What is known of people since the inbox was opened: their LID, and what they call themselves.
#[derive(Debug, Default)]
pub(super) struct Acquaintance {
    known: HashMap<Address, (Option<Address>, Option<String>)>,
}

/// Whom a message tells of: its author, or whom the number wrote to.
fn whom(message: &Message) -> Option<&Person> {
    let person = if message.key.from_me { message.with.as_ref()? } else { &message.author };
    person.address().is_person().then_some(person)
}

impl Acquaintance {
    /// What a message tells of a person that is not known to be stored.
    pub(super) fn news(&self, message: &Message) -> Option<ContactChange> {
        let person = whom(message)?;
        let (lid, known) = (person.lid(), self.known.get(person.address()));
        // What the number calls itself says nothing of whom it wrote to.
        let push_name = message.push_name.as_ref().filter(|_| !message.key.from_me);
        let has_both = lid.is_some() && person.phone().is_some();
        let news = match push_name {
            Some(_) => known.is_none_or(|known| known.0.as_ref() != lid || known.1.as_ref() != push_name),
            None => has_both && known.is_none_or(|known| known.0.as_ref() != lid),
        };
        news.then(|| ContactChange {
            person: person.clone(),
            name: None,
            push_name: push_name.cloned(),
            verified_name: None,
        })
    }

    /// It is stored.
    pub(super) fn learn(&mut self, change: &ContactChange) {
        if self.known.len() >= PEOPLE {
            self.known.clear();
        }
        let known = self.known.entry(change.person.address().clone()).or_default();
        known.0 = change.person.lid().cloned();
        if change.push_name.is_some() {
            known.1.clone_from(&change.push_name);
        }
    }
}
