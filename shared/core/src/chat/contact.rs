//! People that a number knows.

use super::{Address, ContactChange, Person};
use serde::{Deserialize, Serialize};

/// A person that a number knows: from its address book, its chats or its groups. `Debug` shows no name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who it is.
    pub person: Person,
    /// What the number's address book calls them; `None` for who is not in it.
    pub name: Option<String>,
    /// What they call themselves.
    pub push_name: Option<String>,
    /// The name of a business that WhatsApp has verified.
    pub verified_name: Option<String>,
    /// Whether it is a business.
    pub business: bool,
}

impl Contact {
    /// A person of whom nothing else is known.
    pub fn new(person: Person) -> Self {
        Self { person, name: None, push_name: None, verified_name: None, business: false }
    }

    /// Takes over what became known.
    pub fn apply(&mut self, change: &ContactChange) {
        self.learn(&change.person);
        if let Some(name) = &change.name {
            self.name.clone_from(name);
        }
        if change.push_name.is_some() {
            self.push_name.clone_from(&change.push_name);
        }
        if change.verified_name.is_some() {
            self.verified_name.clone_from(&change.verified_name);
            self.business = true;
        }
    }

    /// Takes from history, or from what was known under another address, what is not known here.
    pub fn fill(&mut self, other: &Contact) {
        self.learn(&other.person);
        for (own, others) in [
            (&mut self.name, &other.name),
            (&mut self.push_name, &other.push_name),
            (&mut self.verified_name, &other.verified_name),
        ] {
            if own.is_none() {
                own.clone_from(others);
            }
        }
        self.business |= other.business;
    }

    fn learn(&mut self, person: &Person) {
        let (here, there) = (self.person.clone(), person);
        let number = [here.address(), there.address()].into_iter().find(|address| !address.is_lid());
        let lid = here.lid().or(there.lid());
        let known: Option<Address> = number.or(lid).cloned();
        if let Some(address) = known {
            self.person = Person::new(address, lid.cloned());
        }
    }

    /// What they are called, by whoever knows best.
    pub fn shown_name(&self) -> Option<&str> {
        let names = [&self.name, &self.verified_name, &self.push_name];
        names.into_iter().flatten().map(String::as_str).find(|name| !name.is_empty())
    }
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact").field("person", &self.person).finish_non_exhaustive()
    }
}
