//! Names of the blobs in a number's state.

use carteiro_core::ports::StateKey;
use sha2::{Digest, Sha256};
use wacore::store::error::{Result, StoreError};

/// What a blob holds; the first part of its key, so one listing by prefix finds all of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This companion device: its keys, its account, its counters.
    Device,
    /// The identity key of one remote device.
    Identity,
    /// The Signal session with one remote device.
    Session,
    /// A block of [`super::prekeys::BLOCK`] one-time pre-keys.
    PreKeys,
    SignedPreKey,
    /// A sender key of a group.
    SenderKey,
    /// Which devices of a group have our sender key.
    SenderKeyDevices,
    AppSyncKey,
    AppSyncLatestKey,
    AppSyncVersion,
    /// A sixteenth of one collection's mutation MACs.
    AppSyncMacs,
    /// A LID and the phone number behind it.
    Lid,
    /// A phone number and the LID it has now.
    LidOfPhone,
    BaseKey,
    /// The devices of one person.
    Devices,
    Group,
    TrustToken,
    /// A message that was sent, kept for the recipient's retry.
    Sent,
    /// A message that was decrypted and not yet handed over.
    Inbound,
    MessageSecret,
    /// A part of the phone's history that was not read yet.
    History,
    /// Which parts there are, in order.
    HistoryList,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Device => "device",
            Kind::Identity => "identity",
            Kind::Session => "session",
            Kind::PreKeys => "prekeys",
            Kind::SignedPreKey => "signed-prekey",
            Kind::SenderKey => "sender-key",
            Kind::SenderKeyDevices => "sender-key-devices",
            Kind::AppSyncKey => "app-key",
            Kind::AppSyncLatestKey => "app-key-latest",
            Kind::AppSyncVersion => "app-version",
            Kind::AppSyncMacs => "app-macs",
            Kind::Lid => "lid",
            Kind::LidOfPhone => "lid-of-phone",
            Kind::BaseKey => "base-key",
            Kind::Devices => "devices",
            Kind::Group => "group",
            Kind::TrustToken => "tc-token",
            Kind::Sent => "sent",
            Kind::Inbound => "inbound",
            Kind::MessageSecret => "secret",
            Kind::History => "history",
            Kind::HistoryList => "history-list",
        }
    }

    /// The key of the one blob of this kind.
    pub(crate) fn only(self) -> Result<StateKey> {
        self.key(&["0"])
    }

    /// The key of the blob that `parts` name. Message ids come from other people, so a part may hold anything: `#` and
    /// `%` are escaped, and a name that is too long is given by its hash. It cannot be an error: the library would keep the message
    /// waiting, and with it all that came beside it, each time that it comes.
    pub(crate) fn key(self, parts: &[&str]) -> Result<StateKey> {
        let mut text = String::from(self.name());
        for part in parts {
            text.push('#');
            for c in part.chars() {
                match c {
                    '#' => text.push_str("%23"),
                    '%' => text.push_str("%25"),
                    c => text.push(c),
                }
            }
        }
        if text.len() > StateKey::MAX_BYTES {
            // No escape begins so.
            text = format!("{}#%hash{}", self.name(), hex::encode(Sha256::digest(&text)));
        }
        StateKey::new(text).ok_or_else(|| StoreError::Validation("a record has no name".into()))
    }

    /// What every key of this kind starts with, and then `start`.
    pub(crate) fn prefix(self, start: &str) -> String {
        format!("{}#{start}", self.name())
    }
}

/// The last part of a key, as it was given to [`Kind::key`].
pub(crate) fn last_part(key: &StateKey) -> String {
    let part = key.as_str().rsplit('#').next().unwrap_or_default();
    part.replace("%23", "#").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_cannot_reach_into_another() {
        let one = Kind::Inbound.key(&["a#b", "c"]).unwrap();
        let other = Kind::Inbound.key(&["a", "b#c"]).unwrap();
        assert_ne!(one, other);
        assert_eq!(last_part(&other), "b#c");
        assert_eq!(last_part(&Kind::Inbound.key(&["%23"]).unwrap()), "%23");
    }

    #[test]
    fn a_name_that_is_too_long_is_another_for_each() {
        let key =
            |start: &str, kind: Kind| kind.key(&[&format!("{start}{}", "x".repeat(1_000_000))]).unwrap();
        let one = key("a", Kind::Inbound);
        assert_eq!(one, key("a", Kind::Inbound));
        assert!(one.as_str().starts_with(&Kind::Inbound.prefix("")) && one.as_str().len() < 100);
        assert_ne!(one, key("b", Kind::Inbound));
        assert_ne!(last_part(&one), last_part(&key("a", Kind::Sent)));
        let spelled = Kind::Inbound.key(&[&last_part(&one)]).unwrap();
        assert_ne!(spelled, one, "an id that spells a hash is another name");
    }
}
