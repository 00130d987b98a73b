//! Where a message goes.

use carteiro_core::phone::Phone;
use std::fmt;
use std::str::FromStr;
use wacore_binary::{Jid, JidExt};

/// A person's or a group's address on WhatsApp, such as `5511…@s.whatsapp.net`, `9…@lid` or `1203…@g.us`; without a device.
///
/// `Debug` masks the number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WhatsAppAddress(Jid);

/// What was given is not the address of a person or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a WhatsApp address")]
pub struct InvalidAddress;

impl WhatsAppAddress {
    /// The address of a phone number, as WhatsApp writes the number: see [`crate::Session::resolve`].
    pub fn of_phone(phone: &Phone) -> Self {
        Self(Jid::pn(phone.digits()))
    }

    /// The phone number, unless the address is a LID's or a group's.
    pub fn phone(&self) -> Option<Phone> {
        self.0.is_pn().then(|| self.0.user.parse().ok()).flatten()
    }

    /// Whether it is a group's.
    pub fn is_group(&self) -> bool {
        self.0.is_group()
    }

    pub(crate) fn of_jid(jid: &Jid) -> Self {
        let mut jid = jid.clone();
        (jid.device, jid.agent, jid.integrator) = (0, 0, 0);
        Self(jid)
    }

    pub(crate) fn jid(&self) -> &Jid {
        &self.0
    }
}

impl FromStr for WhatsAppAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let jid: Jid = text.parse().map_err(|_| InvalidAddress)?;
        let digits = |user: &str| !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let server = text.split_once('@').map(|(_, server)| server);
        match server {
            Some("s.whatsapp.net" | "lid" | "g.us") if digits(&jid.user) => Ok(Self::of_jid(&jid)),
            _ => Err(InvalidAddress),
        }
    }
}

impl fmt::Display for WhatsAppAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for WhatsAppAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail: String = self.0.user.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
        write!(f, "WhatsAppAddress(•••{tail}@{})", self.0.server.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_people_and_groups() {
        for text in ["5511988887777@s.whatsapp.net", "95511@lid", "120363021033254949@g.us"] {
            assert_eq!(text.parse::<WhatsAppAddress>().unwrap().to_string(), text);
        }
        for text in ["", "5511988887777", "a@s.whatsapp.net", "@lid", "status@broadcast", "1@example.com"] {
            assert!(text.parse::<WhatsAppAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_device_is_left_out() {
        let address: WhatsAppAddress = "5511988887777:3@s.whatsapp.net".parse().unwrap();
        assert_eq!(address.to_string(), "5511988887777@s.whatsapp.net");
        assert_eq!(address.phone().unwrap().digits(), "5511988887777");
    }

    #[test]
    fn debug_masks_the_number() {
        let address: WhatsAppAddress = "5511988887777@s.whatsapp.net".parse().unwrap();
        assert_eq!(format!("{address:?}"), "WhatsAppAddress(•••77@s.whatsapp.net)");
    }
}
