//! People, and groups where a person would stand.

use super::{Id, People};
use crate::chat::{self, Address, Person};
use crate::phone::Phone;
use serde::Serialize;

/// A person as V1's `Contact`. A group's has the group's subject as its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Their address: by phone number where it is known.
    pub id: Id,
    /// What the number's address book calls them.
    pub name: Option<String>,
    /// The first word of that.
    pub short_name: Option<String>,
    /// What they call themselves.
    pub pushname: Option<String>,
    /// The name of a business that WhatsApp has verified.
    pub verified_name: Option<String>,
    /// The best of the names, else the phone number.
    pub formatted_name: String,
    /// `in` for who is known, as the web page has it.
    pub r#type: &'static str,
    /// Whether it is a business.
    pub is_business: bool,
    /// Whether it is a large business: WhatsApp verified its name.
    pub is_enterprise: bool,
    /// Whether it is the number itself.
    pub is_me: bool,
    /// Whether they are in the number's address book.
    pub is_my_contact: bool,
    /// Whether it is WhatsApp's own account of announcements.
    #[serde(rename = "isPSA")]
    pub is_psa: bool,
    /// Whether it is a person.
    pub is_user: bool,
    /// Whether they are on WhatsApp: whoever is listed is.
    #[serde(rename = "isWAContact")]
    pub is_wa_contact: bool,
    /// Their picture; all null, since it is asked for by `/foto`.
    pub profile_pic_thumb_obj: Thumb,
    /// Always null.
    pub msgs: Option<()>,
    /// Their address by phone number, where it is known.
    pub pn: Option<String>,
    /// Their LID, where it is known.
    pub lid: Option<String>,
}

/// A picture that is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Thumb {
    eurl: Option<()>,
    id: Option<()>,
    img: Option<()>,
    img_full: Option<()>,
    raw: Option<()>,
    tag: Option<()>,
}

impl Contact {
    /// A person that `me` knows.
    pub fn new(contact: &chat::Contact, me: &Phone) -> Self {
        let person = &contact.person;
        let name = contact.name.clone().filter(|name| !name.is_empty());
        let shown = contact.shown_name().map_or_else(|| unnamed(person.address()), str::to_owned);
        Self {
            short_name: name.as_deref().and_then(|name| name.split_whitespace().next()).map(str::to_owned),
            pushname: contact.push_name.clone(),
            verified_name: contact.verified_name.clone(),
            formatted_name: shown,
            is_business: contact.business,
            is_enterprise: contact.verified_name.is_some(),
            is_my_contact: name.is_some(),
            name,
            ..Self::bare(person, me)
        }
    }

    /// A person, by what `people` knows of them; `push_name` stands in for an unknown one's.
    pub fn of(person: &Person, push_name: Option<&str>, me: &Phone, people: &People) -> Self {
        match people.find(person) {
            // The message may know an address that the contact does not.
            Some(known) => {
                let other = person.lid().or(known.person.lid()).cloned();
                let person = Person::new(person.address().clone(), Some(known.person.address().clone()));
                let person = Person::new(person.address().clone(), other);
                let push_name = known.push_name.clone().or_else(|| push_name.map(str::to_owned));
                Self::new(&chat::Contact { person, push_name, ..known.clone() }, me)
            }
            None => {
                let push_name = push_name.map(str::to_owned);
                Self::new(&chat::Contact { push_name, ..chat::Contact::new(person.clone()) }, me)
            }
        }
    }

    /// A group or a list, where a person would stand.
    pub fn of_many(address: &Address, name: Option<&str>, me: &Phone) -> Self {
        Self {
            name: name.map(str::to_owned),
            formatted_name: name.map_or_else(|| address.v1(), str::to_owned),
            ..Self::bare(&Person::from(address.clone()), me)
        }
    }

    fn bare(person: &Person, me: &Phone) -> Self {
        let address = person.address();
        Self {
            id: address.into(),
            name: None,
            short_name: None,
            pushname: None,
            verified_name: None,
            formatted_name: String::new(),
            r#type: "in",
            is_business: false,
            is_enterprise: false,
            is_me: person.phone().as_ref() == Some(me),
            is_my_contact: false,
            is_psa: false,
            is_user: address.is_person(),
            is_wa_contact: true,
            profile_pic_thumb_obj: Thumb::default(),
            msgs: None,
            pn: pn(person),
            lid: lid(person),
        }
    }
}

/// A person's address by phone number, where it is known.
pub(super) fn pn(person: &Person) -> Option<String> {
    person.phone().map(|_| person.address().v1())
}

/// A person's LID, where it is known.
pub(super) fn lid(person: &Person) -> Option<String> {
    person.lid().map(Address::v1)
}

/// What stands for a name where there is none.
fn unnamed(address: &Address) -> String {
    match address.phone() {
        Some(phone) => format!("+{}", phone.digits()),
        None => address.v1(),
    }
}
