//! People, as far as the phone names them.

use crate::inbound::{People, address_of};
use carteiro_core::chat::{Contact, Person};
use waproto::whatsapp::{HistorySync, InlineContact};

/// What stands where somebody has no name of their own.
const NAMELESS: &str = "-";

/// The people whom a blob names beside its chats.
pub(crate) fn contacts(rest: &HistorySync, people: &People) -> Vec<Contact> {
    let called = rest.pushnames.iter().filter_map(|entry| {
        let person = person(entry.id.as_deref()?, people)?;
        let name = entry.pushname.clone().filter(|name| !name.is_empty() && name != NAMELESS)?;
        Some(Contact { push_name: Some(name), ..Contact::new(person) })
    });
    called.chain(rest.inline_contacts.iter().filter_map(|contact| inline(contact, people))).collect()
}

fn person(jid: &str, people: &People) -> Option<Person> {
    Some(people.person(address_of(jid)?)).filter(|person| person.address().is_person())
}

fn inline(contact: &InlineContact, people: &People) -> Option<Contact> {
    let [number, lid] = [&contact.pn_jid, &contact.lid_jid].map(|jid| jid.as_deref().and_then(address_of));
    let person = match (number, lid) {
        (Some(number), lid) => Person::new(number, lid),
        (None, Some(lid)) => people.person(lid),
        (None, None) => return None,
    };
    let name =
        [&contact.full_name, &contact.first_name].into_iter().flatten().find(|name| !name.is_empty())?;
    Some(Contact { name: Some(name.clone()), ..Contact::new(person) })
}
