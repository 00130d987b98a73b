//! Who is meant by an address.

use carteiro_core::chat::{Address, Person};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use wacore::types::message::{MessageInfo, MessageSource};
use wacore_binary::{Jid, Server};
use whatsapp_rust::Client;

/// The addresses of people, as far as they are known. A mapping asks it for persons; whom it did not know it then knows to look
/// up, so that the mapping can be done again.
#[derive(Debug, Default)]
pub(crate) struct People {
    me: Option<Person>,
    others: HashMap<Address, Option<Address>>,
    unknown: RefCell<HashSet<Address>>,
}

impl People {
    /// The number itself, and nobody else yet.
    pub(crate) fn of(client: &Client) -> Self {
        let [number, lid] = [client.pn(), client.lid()].map(|jid| jid.as_ref().and_then(address));
        Self::of_number(number, lid)
    }

    /// The number with these addresses, and nobody else yet.
    pub(crate) fn of_number(number: Option<Address>, lid: Option<Address>) -> Self {
        let mut people = Self::default();
        if let (Some(number), Some(lid)) = (&number, &lid) {
            people.pair(number, lid);
        }
        people.me = number.or(lid.clone()).map(|address| Person::new(address, lid));
        people
    }

    /// The number itself.
    pub(crate) fn me(&self) -> Option<&Person> {
        self.me.as_ref()
    }

    /// Whether that is the number itself.
    pub(crate) fn is_me(&self, person: &Person) -> bool {
        self.me.as_ref().is_some_and(|me| me.address() == person.address())
    }

    /// How many addresses are remembered.
    pub(crate) fn count(&self) -> usize {
        self.others.len()
    }

    /// Learns that two addresses are one person's.
    pub(crate) fn pair(&mut self, one: &Address, other: &Address) {
        if one.is_person() && other.is_person() && one.is_lid() != other.is_lid() {
            self.others.insert(one.clone(), Some(other.clone()));
            self.others.insert(other.clone(), Some(one.clone()));
        }
    }

    /// Learns what a message's stanza says of its sender and its recipient.
    pub(crate) fn hear(&mut self, info: &MessageInfo) {
        self.hear_source(&info.source);
        self.hear_pair(info.source.recipient.as_ref(), info.peer_recipient_pn.as_ref());
    }

    /// Learns what a stanza says of whom it is from, and to.
    pub(crate) fn hear_source(&mut self, source: &MessageSource) {
        self.hear_pair(Some(&source.sender), source.sender_alt.as_ref());
        self.hear_pair(source.recipient.as_ref(), source.recipient_alt.as_ref());
    }

    fn hear_pair(&mut self, one: Option<&Jid>, other: Option<&Jid>) {
        if let (Some(one), Some(other)) = (one.and_then(address), other.and_then(address)) {
            self.pair(&one, &other);
        }
    }

    /// Whose address it is.
    pub(crate) fn person(&self, address: Address) -> Person {
        if !address.is_person() {
            return Person::from(address);
        }
        match self.others.get(&address) {
            Some(other) => Person::new(address, other.clone()),
            None => {
                self.unknown.borrow_mut().insert(address.clone());
                Person::from(address)
            }
        }
    }

    /// Maps, after looking up in the client's own map everybody that the mapping asks for.
    pub(crate) async fn map<T>(&mut self, client: &Client, mapping: impl Fn(&People) -> T) -> T {
        loop {
            let mapped = mapping(self);
            let unknown = std::mem::take(self.unknown.get_mut());
            if unknown.is_empty() {
                return mapped;
            }
            for address in unknown {
                let other = other_address(client, &address).await;
                self.others.insert(address, other);
            }
        }
    }
}

async fn other_address(client: &Client, known: &Address) -> Option<Address> {
    let jid = if known.is_lid() { Jid::lid(known.user()) } else { Jid::pn(known.user()) };
    let entry = client.get_lid_pn_entry(&jid).await.ok().flatten()?;
    address(&if known.is_lid() { Jid::pn(&*entry.phone_number) } else { Jid::lid(&*entry.lid) })
}

/// The address without a device; `None` for what has no place here, such as bots.
pub(crate) fn address(jid: &Jid) -> Option<Address> {
    let server = match jid.server {
        Server::Pn | Server::Hosted | Server::Legacy => "s.whatsapp.net",
        Server::Lid | Server::HostedLid => "lid",
        Server::Group => "g.us",
        Server::Broadcast => "broadcast",
        Server::Newsletter => "newsletter",
        _ => return None,
    };
    format!("{}@{server}", jid.user_base()).parse().ok()
}

/// The address that a text of WhatsApp's spells.
pub(crate) fn address_of(text: &str) -> Option<Address> {
    address(&text.parse().ok()?)
}
