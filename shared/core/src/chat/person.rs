//! People, who have two addresses.

use super::{Address, Server};
use crate::phone::Phone;
use serde::{Deserialize, Serialize};

/// A person on WhatsApp, by phone number, by LID, or by both where both are known. WhatsApp names people by LID today; clients
/// know them by phone number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Addresses", into = "Addresses")]
pub struct Person {
    address: Address,
    lid: Option<Address>,
}

#[derive(Serialize, Deserialize)]
struct Addresses {
    address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lid: Option<Address>,
}

impl Person {
    /// A person of this address and, where it is known, of the other one. Addresses that are no person's are taken as they are, as the
    /// author of what a list or a channel writes.
    pub fn new(address: Address, other: Option<Address>) -> Self {
        let lid = [Some(&address), other.as_ref()].into_iter().flatten().find(|a| a.is_lid()).cloned();
        let number = [Some(&address), other.as_ref()].into_iter().flatten();
        let number = number.into_iter().find(|a| a.server() == Server::Person).cloned();
        Self { address: number.unwrap_or(address), lid }
    }

    /// The address that they are kept and shown by: the phone number's where it is known, else the LID.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The phone number, where it is known.
    pub fn phone(&self) -> Option<Phone> {
        self.address.phone()
    }

    /// The LID, where it is known.
    pub fn lid(&self) -> Option<&Address> {
        self.lid.as_ref()
    }
}

impl From<Address> for Person {
    fn from(address: Address) -> Self {
        Self::new(address, None)
    }
}

impl From<Addresses> for Person {
    fn from(stored: Addresses) -> Self {
        Self::new(stored.address, stored.lid)
    }
}

impl From<Person> for Addresses {
    fn from(person: Person) -> Self {
        let lid = person.lid.filter(|lid| *lid != person.address);
        Self { address: person.address, lid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_by_number_where_it_is_known() {
        let (pn, lid): (Address, Address) =
            ("5511988887777@s.whatsapp.net".parse().unwrap(), "77@lid".parse().unwrap());
        let both = Person::new(lid.clone(), Some(pn.clone()));
        assert_eq!(both, Person::new(pn.clone(), Some(lid.clone())));
        assert_eq!((both.address(), both.lid()), (&pn, Some(&lid)));
        let hidden = Person::from(lid.clone());
        assert_eq!((hidden.address(), hidden.lid(), hidden.phone()), (&lid, Some(&lid), None));
        assert_eq!(Person::from(pn.clone()).lid(), None);
        for person in [both, hidden, Person::from(pn)] {
            let json = serde_json::to_string(&person).unwrap();
            assert_eq!(serde_json::from_str::<Person>(&json).unwrap(), person);
        }
    }
}
