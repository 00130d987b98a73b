//! People.
//!
//! They are read, changed by the core's rules and written back without a condition: only the number's owner writes them, in one
//! order.

use super::DynamoChats;
use super::keys::{LIDS, lid_sk, number_pk, person_sk};
use super::message_record::{person, read_person};
use crate::dynamo::item::{Item, s};
use crate::dynamo::table::Read;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Address, Contact, Person};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use std::collections::{BTreeMap, HashSet};

fn item(number: &Phone, contact: &Contact) -> Item {
    Item::new(number_pk(number), person_sk(contact.person.address()))
        .with("person", person(&contact.person))
        .with_some("name", contact.name.as_ref().map(s))
        .with_some("push_name", contact.push_name.as_ref().map(s))
        .with_some("verified_name", contact.verified_name.as_ref().map(s))
        .with_some("business", contact.business.then_some(AttributeValue::Bool(true)))
}

/// Reads a person.
pub(super) fn contact(item: &Item) -> Result<Contact, Unavailable> {
    let text = |text: &str| Some(text.to_owned());
    Ok(Contact {
        person: item.one("person", read_person)?,
        name: item.some("name", text)?,
        push_name: item.some("push_name", text)?,
        verified_name: item.some("verified_name", text)?,
        business: item.flag("business")?,
    })
}

/// People as they are stored, and as they are to be.
#[derive(Default)]
struct Book {
    contacts: BTreeMap<Address, Contact>,
    /// Phone numbers' addresses by LID.
    lids: BTreeMap<Address, Address>,
}

impl Book {
    fn canonical(&self, address: &Address) -> Address {
        self.lids.get(address).unwrap_or(address).clone()
    }

    /// Changes a person; what is known under their LID goes over to their phone number.
    fn change(&mut self, who: &Person, change: impl FnOnce(Option<Contact>) -> Contact) {
        let known = self.contacts.remove(&self.canonical(who.address()));
        let mut contact = change(known);
        let address = contact.person.address().clone();
        if let Some(lid) = contact.person.lid().filter(|lid| **lid != address).cloned() {
            self.lids.insert(lid.clone(), address.clone());
            if let Some(hidden) = self.contacts.remove(&lid) {
                contact.fill(&hidden);
            }
        }
        self.contacts.insert(address, contact);
    }
}

impl DynamoChats {
    /// Those of these people that are known, and who else goes by their LIDs.
    async fn book(
        &self,
        number: &Phone,
        addresses: impl Iterator<Item = Address>,
        read: Read,
    ) -> Result<Book, Unavailable> {
        let pk = number_pk(number);
        let asked: HashSet<Address> = addresses.collect();
        let mut keys: Vec<(String, String)> =
            asked.iter().map(|address| (pk.clone(), person_sk(address))).collect();
        let lids = asked.iter().filter(|address| address.is_lid());
        keys.extend(lids.map(|lid| (pk.clone(), lid_sk(lid))));
        let mut book = Book::default();
        let mut behind = Vec::new();
        for item in self.table.get_many(keys, read).await? {
            let sk = item.text("sk")?;
            if sk.starts_with(LIDS) {
                let lid: Address = item.one("sk", super::keys::address_in)?;
                let address: Address = item.one("address", |text| text.parse().ok())?;
                if !asked.contains(&address) {
                    behind.push((pk.clone(), person_sk(&address)));
                }
                book.lids.insert(lid, address);
            } else {
                let contact = contact(&item)?;
                book.contacts.insert(contact.person.address().clone(), contact);
            }
        }
        behind.sort();
        behind.dedup();
        for item in self.table.get_many(behind, read).await? {
            let contact = contact(&item)?;
            book.contacts.insert(contact.person.address().clone(), contact);
        }
        Ok(book)
    }

    /// Changes people by a rule that is given each of them as they are known.
    pub(super) async fn change_people<T>(
        &self,
        number: &Phone,
        changes: &[T],
        who: impl Fn(&T) -> &Person,
        rule: impl Fn(&T, Option<Contact>) -> Contact,
    ) -> Result<(), Unavailable> {
        let addresses = changes
            .iter()
            .map(&who)
            .flat_map(|person| [Some(person.address()), person.lid()].into_iter().flatten().cloned());
        let before = self.book(number, addresses, Read::Consistent).await?;
        let mut book = Book { contacts: before.contacts.clone(), lids: before.lids.clone() };
        for change in changes {
            book.change(who(change), |known| rule(change, known));
        }
        let pk = number_pk(number);
        let mut items = Vec::new();
        for (address, contact) in &book.contacts {
            if before.contacts.get(address) != Some(contact) {
                items.push(item(number, contact));
            }
        }
        for (lid, address) in &book.lids {
            if before.lids.get(lid) != Some(address) {
                items.push(Item::new(&pk, lid_sk(lid)).with("address", s(address.to_string())));
            }
        }
        self.table.put_many(items).await?;
        // Last, so that nothing is lost in between.
        let gone = before.contacts.keys().filter(|address| !book.contacts.contains_key(address));
        self.table.delete_many(gone.map(|address| (pk.clone(), person_sk(address)))).await
    }

    /// Those of these people that are known.
    pub(super) async fn known_people(
        &self,
        number: &Phone,
        people: &[Address],
    ) -> Result<Vec<Contact>, Unavailable> {
        let book = self.book(number, people.iter().cloned(), Read::Eventual).await?;
        let wanted: HashSet<Address> = people.iter().map(|address| book.canonical(address)).collect();
        Ok(book
            .contacts
            .into_iter()
            .filter(|(address, _)| wanted.contains(address))
            .map(|(_, c)| c)
            .collect())
    }

    /// Who a person is kept as.
    pub(super) async fn known_as(&self, number: &Phone, address: &Address) -> Result<Address, Unavailable> {
        if !address.is_lid() {
            return Ok(address.clone());
        }
        let alias = self.table.get(number_pk(number), lid_sk(address), Read::Consistent).await?;
        let known = alias.map(|item| item.one("address", |text| text.parse().ok())).transpose()?;
        Ok(known.unwrap_or_else(|| address.clone()))
    }
}
