//! Accounts and their devices. Device 0 is the phone, which the simulator plays itself; the others are
//! clients that were paired.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use wacore_binary::Jid;

use crate::SimulatorError;
use crate::app_state::AppState;
use crate::overlap::Holder;
use crate::phone::Phone;
use crate::profile::Profile;
use crate::stream::Outbound;

/// The first device id given to a companion.
const FIRST_COMPANION: u16 = 1;

/// A device of an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeviceRef {
    pub(crate) number: String,
    pub(crate) device: u16,
}

/// Which receipts the phone of a contact sends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoReceipts {
    /// Delivered, as a phone that is on.
    #[default]
    Delivered,
    /// Delivered, then read.
    Read,
    /// None, as a phone that is off.
    None,
}

/// Whether a Brazilian account is found by the other form of its number (with or without the ninth digit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NinthDigit {
    /// Only the number that the account has.
    #[default]
    Strict,
    /// The other form finds the account too, and the answer names the number that the account has.
    Resolve,
}

/// A WhatsApp account.
#[derive(Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) number: String,
    pub(crate) lid: String,
    pub(crate) name: Option<String>,
    pub(crate) auto_receipts: AutoReceipts,
    pub(crate) ninth_digit: NinthDigit,
    /// Whether its devices are linked with a passkey only.
    #[serde(default)]
    pub(crate) passkey: bool,
    /// Whether it may write only to those it has exchanged messages with.
    #[serde(default)]
    pub(crate) restricted: bool,
    /// Whether it tells others what it has read.
    #[serde(default = "yes")]
    pub(crate) read_receipts: bool,
    pub(crate) adv_raw_id: u32,
    next_device: u16,
    pub(crate) devices: BTreeMap<u16, Device>,
    pub(crate) phone: Phone,
    #[serde(default = "AppState::new")]
    pub(crate) app_state: AppState,
    /// The numbers it has exchanged messages with, which hear of its devices.
    pub(crate) peers: BTreeSet<String>,
    #[serde(default)]
    pub(crate) profile: Profile,
    /// Whether its chats have come to be addressed by LID.
    #[serde(default = "yes")]
    pub(crate) lid_migrated: bool,
}

fn yes() -> bool {
    true
}

/// A paired client.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Device {
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) registration: Vec<u8>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) identity: Vec<u8>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) noise_key: Vec<u8>,
    pub(crate) signed_pre_key: Option<SignedPreKey>,
    pub(crate) pre_keys: VecDeque<PreKey>,
    /// The device's identity signed by account and device; absent until the pairing is finished.
    pub(crate) adv_identity: Option<Stored>,
    pub(crate) key_index: u32,
    pub(crate) push_name: Option<String>,
    /// Stanzas that the device has not confirmed yet.
    pub(crate) pending: VecDeque<PendingStanza>,
    /// Whether the phone has sent its app-state key and the history.
    pub(crate) greeted: bool,
    pub(crate) logins: u64,
    pub(crate) max_streams: u32,
    /// Who held its connection, one after the other.
    #[serde(skip)]
    pub(crate) holders: Vec<Holder>,
    #[serde(skip)]
    pub(crate) open_streams: u32,
    #[serde(skip)]
    pub(crate) stream: Option<Outbound>,
    /// Whether the open stream has asked for its messages.
    #[serde(skip)]
    pub(crate) active: bool,
    /// Whether the open stream says that somebody is there.
    #[serde(skip)]
    pub(crate) available: bool,
    /// Whose presence the open stream wants to hear of, by number, with the address by which it asked.
    #[serde(skip)]
    pub(crate) subscriptions: BTreeMap<String, Jid>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Stored(#[serde(with = "crate::keys::base64_bytes")] pub(crate) Vec<u8>);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PreKey {
    pub(crate) id: u32,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) public: Vec<u8>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SignedPreKey {
    pub(crate) id: u32,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) public: Vec<u8>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) signature: Vec<u8>,
}

/// A stanza that waits for a device's confirmation, in the form in which it is sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingStanza {
    /// `message`, `receipt` or `notification`.
    pub(crate) class: String,
    pub(crate) id: String,
    /// A receipt's type: the delivery and the read receipt of one message are two stanzas with one id.
    pub(crate) kind: String,
    pub(crate) stanza: Stored,
}

impl Account {
    pub(crate) fn new(number: &str, name: Option<String>) -> Result<Self, SimulatorError> {
        Ok(Self {
            number: number.to_owned(),
            // A LID has nothing to do with the number; 15 digits as WhatsApp's.
            lid: format!("{}", 100_000_000_000_000 + rand::random::<u64>() % 800_000_000_000_000),
            name,
            auto_receipts: AutoReceipts::default(),
            ninth_digit: NinthDigit::default(),
            passkey: false,
            restricted: false,
            read_receipts: true,
            adv_raw_id: rand::random::<u32>() >> 2,
            next_device: FIRST_COMPANION,
            devices: BTreeMap::new(),
            phone: Phone::new()?,
            app_state: AppState::new(),
            peers: BTreeSet::new(),
            profile: Profile::default(),
            lid_migrated: true,
        })
    }

    /// Takes the next device id. Ids are never given twice, as key indexes must not be.
    pub(crate) fn next_device(&mut self) -> u16 {
        let device = self.next_device;
        self.next_device += 1;
        device
    }

    /// The account's address by phone number, of one of its devices.
    pub(crate) fn pn(&self, device: u16) -> Jid {
        Jid::pn_device(self.number.as_str(), device)
    }

    /// The account's address by LID, of one of its devices.
    pub(crate) fn lid(&self, device: u16) -> Jid {
        Jid::lid_device(self.lid.as_str(), device)
    }

    /// The address by which this account is written to, of one of its devices.
    pub(crate) fn chat_address(&self, device: u16) -> Jid {
        if self.lid_migrated { self.lid(device) } else { self.pn(device) }
    }

    /// The devices that have finished pairing, the phone first.
    pub(crate) fn reachable(&self) -> Vec<u16> {
        let paired = self.devices.iter().filter(|(_, device)| device.adv_identity.is_some());
        std::iter::once(0).chain(paired.map(|(id, _)| *id)).collect()
    }
}

/// The other form of a Brazilian mobile number: without the ninth digit if it has one, with it if not.
pub(crate) fn other_form(number: &str) -> Option<String> {
    let local = number.strip_prefix("55")?;
    let (area, subscriber) = local.split_at_checked(2)?;
    match subscriber.len() {
        9 if subscriber.starts_with('9') => Some(format!("55{area}{}", &subscriber[1..])),
        8 => Some(format!("55{area}9{subscriber}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninth_digit_comes_and_goes() {
        assert_eq!(other_form("5531988887777").as_deref(), Some("553188887777"));
        assert_eq!(other_form("553188887777").as_deref(), Some("5531988887777"));
        assert_eq!(other_form("4915112345678"), None);
        assert_eq!(other_form("55"), None);
    }

    #[test]
    fn only_paired_devices_are_reachable() {
        let mut account = Account::new("5511999990000", None).unwrap();
        account.devices.insert(1, Device::default());
        account.devices.insert(2, Device { adv_identity: Some(Stored(vec![1])), ..Device::default() });
        assert_eq!(account.reachable(), [0, 2]);
    }
}
