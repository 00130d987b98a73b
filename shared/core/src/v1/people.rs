//! Who is known, by address.

use crate::chat::{Address, Contact, Person};
use std::collections::HashMap;

/// The contacts that a rendering looks people up in. Who is not among them is shown by their address alone.
#[derive(Debug, Default)]
pub struct People {
    by_address: HashMap<Address, Contact>,
}

impl People {
    /// Nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Who is known of a person, by number or by LID.
    pub fn find(&self, person: &Person) -> Option<&Contact> {
        let by_lid = || person.lid().and_then(|lid| self.by_address.get(lid));
        self.by_address.get(person.address()).or_else(by_lid)
    }

    /// Who is known under an address.
    pub fn at(&self, address: &Address) -> Option<&Contact> {
        self.by_address.get(address)
    }
}

impl FromIterator<Contact> for People {
    fn from_iter<I: IntoIterator<Item = Contact>>(contacts: I) -> Self {
        let mut people = Self::default();
        for contact in contacts {
            if let Some(lid) = contact.person.lid().filter(|lid| *lid != contact.person.address()) {
                people.by_address.insert(lid.clone(), contact.clone());
            }
            people.by_address.insert(contact.person.address().clone(), contact);
        }
        people
    }
}
