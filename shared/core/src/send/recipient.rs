//! Who a send is for.

use crate::chat::{Address, InvalidAddress, Server};
use crate::phone::Phone;
use std::fmt;
use std::str::FromStr;

/// Who a send is for: a person by phone number, a person by LID, or a group.
///
/// `Display` is what reports show and what is stored: the digits of a phone number, else the address. It is not masked, so never
/// log it; `Debug` is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// A person by phone number, as it was asked for: which form of it WhatsApp knows is found out before it is sent.
    Number(Phone),
    /// A person by LID.
    Lid(Address),
    /// A group.
    Group(Address),
}

/// What was given is neither a person nor a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither a phone number, nor the address of a person or a group")]
pub struct InvalidRecipient;

impl Recipient {
    /// The phone number, if it is a person by number.
    pub fn phone(&self) -> Option<&Phone> {
        match self {
            Recipient::Number(phone) => Some(phone),
            Recipient::Lid(_) | Recipient::Group(_) => None,
        }
    }

    /// The address; for a phone number the one of the form that was asked for.
    pub fn address(&self) -> Address {
        match self {
            Recipient::Number(phone) => Address::of_phone(phone),
            Recipient::Lid(address) | Recipient::Group(address) => address.clone(),
        }
    }

    /// For logs.
    pub fn masked(&self) -> String {
        match self {
            Recipient::Number(phone) => phone.masked(),
            Recipient::Lid(address) | Recipient::Group(address) => address.masked(),
        }
    }
}

impl From<Phone> for Recipient {
    fn from(phone: Phone) -> Self {
        Self::Number(phone)
    }
}

impl TryFrom<Address> for Recipient {
    type Error = InvalidRecipient;

    fn try_from(address: Address) -> Result<Self, InvalidRecipient> {
        match address.server() {
            Server::Person => address.phone().map(Self::Number).ok_or(InvalidRecipient),
            Server::Lid => Ok(Self::Lid(address)),
            Server::Group => Ok(Self::Group(address)),
            Server::Broadcast | Server::Newsletter => Err(InvalidRecipient),
        }
    }
}

impl From<InvalidAddress> for InvalidRecipient {
    fn from(_: InvalidAddress) -> Self {
        Self
    }
}

impl FromStr for Recipient {
    type Err = InvalidRecipient;

    /// Takes a phone number as [`Phone`] does, or an address.
    fn from_str(text: &str) -> Result<Self, InvalidRecipient> {
        match text.parse::<Phone>() {
            Ok(phone) => Ok(Self::Number(phone)),
            Err(_) => text.trim().parse::<Address>()?.try_into(),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recipient::Number(phone) => phone.fmt(f),
            Recipient::Lid(address) | Recipient::Group(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_and_groups_are_recipients() {
        for (text, shown) in [
            ("5511988887777", "5511988887777"),
            ("+55 (11) 98888-7777", "5511988887777"),
            ("5511988887777@c.us", "5511988887777"),
            ("5511988887777:3@s.whatsapp.net", "5511988887777"),
            ("123456789012345@lid", "123456789012345@lid"),
            ("120363000000000001@g.us", "120363000000000001@g.us"),
        ] {
            let recipient: Recipient = text.parse().unwrap();
            assert_eq!(recipient.to_string(), shown);
            assert_eq!(Recipient::try_from(recipient.address()), Ok(recipient.clone()));
            assert!(!format!("{recipient:?}").contains(shown));
        }
        for text in ["", "123", "12@s.whatsapp.net", "status@broadcast", "1@newsletter", "a@g.us"] {
            assert_eq!(text.parse::<Recipient>(), Err(InvalidRecipient), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(text in "([0-9+ ()-]{0,20}|[0-9]{1,20}@(lid|g[.]us|c[.]us|broadcast))") {
            if let Ok(recipient) = text.parse::<Recipient>() {
                prop_assert_eq!(recipient.to_string().parse(), Ok(recipient));
            }
        }
    }
}
