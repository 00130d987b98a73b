//! People that a number knows.

use super::Person;
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
