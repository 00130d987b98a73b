//! Addresses on WhatsApp.

use crate::phone::Phone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What an address is the address of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Server {
    /// A person, by phone number: `s.whatsapp.net` on the wire, `c.us` in V1.
    Person,
    /// A person, by LID, which hides the phone number.
    Lid,
    /// A group.
    Group,
    /// A broadcast list, or the statuses (`status@broadcast`).
    Broadcast,
    /// A channel.
    Newsletter,
}

impl Server {
    fn wire(self) -> &'static str {
        match self {
            Server::Person => "s.whatsapp.net",
            Server::Lid => "lid",
            Server::Group => "g.us",
            Server::Broadcast => "broadcast",
            Server::Newsletter => "newsletter",
        }
    }

    fn of(text: &str) -> Option<Self> {
        Some(match text {
            "s.whatsapp.net" | "c.us" => Server::Person,
            "lid" => Server::Lid,
            "g.us" => Server::Group,
            "broadcast" => Server::Broadcast,
            "newsletter" => Server::Newsletter,
            _ => return None,
        })
    }
}

/// The address of a person, a group or a list on WhatsApp, without a device: `5511…@s.whatsapp.net`, `9…@lid`, `1203…@g.us`.
///
/// Parsing takes V1's `@c.us` too, and drops the device of `5511…:3@s.whatsapp.net`. `Display` is the wire's form and is not
/// masked, so never log it; `Debug` is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    user: String,
    server: Server,
}

/// What was given is no address on WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a WhatsApp address")]
pub struct InvalidAddress;

impl Address {
    /// The address of a phone number, as WhatsApp writes the number.
    pub fn of_phone(phone: &Phone) -> Self {
        Self { user: phone.digits().to_owned(), server: Server::Person }
    }

    /// What V1's `numero` names: an address as it is, else a phone number, or a group's id where `group` says so.
    ///
    /// # Errors
    /// [`InvalidAddress`] for what is neither.
    pub fn of_v1(numero: &str, group: bool) -> Result<Self, InvalidAddress> {
        let numero = numero.trim();
        match numero.rsplit_once('@') {
            Some((_, "c.us" | "s.whatsapp.net")) => {
                numero.parse::<Phone>().map(|phone| Self::of_phone(&phone)).map_err(|_| InvalidAddress)
            }
            Some(_) => numero.parse(),
            None if group => format!("{numero}@g.us").parse(),
            None => numero.parse::<Phone>().map(|phone| Self::of_phone(&phone)).map_err(|_| InvalidAddress),
        }
    }

    /// What stands before the `@`.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What it is the address of.
    pub fn server(&self) -> Server {
        self.server
    }

    /// The phone number, if it is a person's by number.
    pub fn phone(&self) -> Option<Phone> {
        (self.server == Server::Person).then(|| self.user.parse().ok()).flatten()
    }

    /// Whether it is a group's.
    pub fn is_group(&self) -> bool {
        self.server == Server::Group
    }

    /// Whether it is a person's, by number or by LID.
    pub fn is_person(&self) -> bool {
        matches!(self.server, Server::Person | Server::Lid)
    }

    /// Whether it is a LID.
    pub fn is_lid(&self) -> bool {
        self.server == Server::Lid
    }

    /// Where the statuses of people are published (`status@broadcast`).
    pub fn is_statuses(&self) -> bool {
        self.server == Server::Broadcast && self.user == "status"
    }

    /// As V1 writes it: `5511…@c.us`.
    pub fn v1(&self) -> String {
        format!("{}@{}", self.user, self.v1_server())
    }

    /// What V1 writes after the `@`.
    pub fn v1_server(&self) -> &'static str {
        if self.server == Server::Person { "c.us" } else { self.server.wire() }
    }

    /// For logs.
    pub fn masked(&self) -> String {
        let user = match self.phone() {
            Some(phone) => phone.masked(),
            None => format!("•••{}", self.user.get(self.user.len().saturating_sub(4)..).unwrap_or_default()),
        };
        format!("{user}@{}", self.server.wire())
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (user, server) = text.rsplit_once('@').ok_or(InvalidAddress)?;
        let server = Server::of(server).ok_or(InvalidAddress)?;
        let user = match user.split_once(':') {
            Some((user, device)) if device.bytes().all(|b| b.is_ascii_digit()) => user,
            Some(_) => return Err(InvalidAddress),
            None => user,
        };
        let valid = (1..=64).contains(&user.len())
            && user.bytes().all(|b| {
                b.is_ascii_digit() || b == b'-' || (b.is_ascii_lowercase() && server == Server::Broadcast)
            });
        if valid { Ok(Self { user: user.to_owned(), server }) } else { Err(InvalidAddress) }
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, InvalidAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user, self.server.wire())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back() {
        for (text, wire, v1) in [
            ("5511988887777@c.us", "5511988887777@s.whatsapp.net", "5511988887777@c.us"),
            ("5511988887777:12@s.whatsapp.net", "5511988887777@s.whatsapp.net", "5511988887777@c.us"),
            ("123456789012345@lid", "123456789012345@lid", "123456789012345@lid"),
            (
                "5511988887777-1500000000@g.us",
                "5511988887777-1500000000@g.us",
                "5511988887777-1500000000@g.us",
            ),
            ("status@broadcast", "status@broadcast", "status@broadcast"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.to_string().as_str(), address.v1().as_str()), (wire, v1));
            assert_eq!(address.to_string().parse(), Ok(address.clone()));
            assert!(!format!("{address:?}").contains("88887777"));
        }
        for text in ["", "@c.us", "5511988887777", "a@c.us", "1@example.com", "1:x@lid", "1_2@g.us"] {
            assert_eq!(text.parse::<Address>(), Err(InvalidAddress), "{text}");
        }
    }

    #[test]
    fn v1_numbers_get_their_suffix() {
        let of = |numero, group| Address::of_v1(numero, group).map(|address| address.v1());
        assert_eq!(of("+55 (11) 98888-7777", false), Ok("5511988887777@c.us".into()));
        assert_eq!(of("55 11 98888-7777@c.us", false), Ok("5511988887777@c.us".into()));
        assert_eq!(of("120363000000000001", true), Ok("120363000000000001@g.us".into()));
        assert_eq!(of("120363000000000001@g.us", false), Ok("120363000000000001@g.us".into()));
        assert_eq!(of("77@lid", false), Ok("77@lid".into()));
        assert_eq!(of("123", false), Err(InvalidAddress));
        assert_eq!(of("abc", true), Err(InvalidAddress));
    }
}
