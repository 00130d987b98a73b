//! The message keys that clients have used. One that is used for two messages is a failure of the client's cryptography: a
//! client that goes back to an older state does that.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

use serde::Serialize;
use wacore_binary::{Jid, Node};
use wacore_libsignal::protocol::{PreKeySignalMessage, SenderKeyMessage, SignalMessage};

use crate::account::DeviceRef;
use crate::stanza::{attr, bytes, children, jid_attr};

/// A key that was used twice.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReusedKey {
    /// Whose.
    pub(crate) number: String,
    pub(crate) device: u16,
    /// The message that used it again.
    pub(crate) id: String,
}

/// By key, hashed with who uses it towards whom, what was sealed with it, hashed too: 16 bytes for a message.
#[derive(Default)]
pub(crate) struct WireKeys(HashMap<u64, u64>);

impl WireKeys {
    /// Notes the keys of a message, and answers how many of them had sealed something else before.
    pub(crate) fn note(&mut self, from: &DeviceRef, to: &Jid, stanza: &Node) -> usize {
        let participants = stanza.get_optional_child("participants").map(children).unwrap_or_default();
        let each = participants.iter().filter_map(|one| Some((jid_attr(one, "jid")?, one)));
        let mut reused = 0;
        for (target, holder) in each.chain([(to.clone(), stanza)]) {
            for envelope in children(holder).iter().filter(|child| child.tag == "enc") {
                reused += usize::from(self.is_reused(from, &target, envelope));
            }
        }
        reused
    }

    fn is_reused(&mut self, from: &DeviceRef, target: &Jid, envelope: &Node) -> bool {
        let Some(sealed) = bytes(envelope) else { return false };
        let Some(key) = key(&attr(envelope, "type"), &sealed) else { return false };
        let place = hash(&(&from.number, from.device, target.to_string(), key.name, key.counter));
        let content = hash(&key.sealed);
        *self.0.entry(place).or_insert(content) != content
    }
}

struct Key {
    name: Vec<u8>,
    counter: u32,
    sealed: Vec<u8>,
}

/// The key that an envelope was sealed with: its chain and its place in it.
fn key(kind: &str, sealed: &[u8]) -> Option<Key> {
    let of = |message: &SignalMessage| Key {
        name: message.sender_ratchet_key().serialize().to_vec(),
        counter: message.counter(),
        sealed: message.serialized().to_vec(),
    };
    match kind {
        "msg" => Some(of(&SignalMessage::try_from(sealed).ok()?)),
        "pkmsg" => Some(of(PreKeySignalMessage::try_from(sealed).ok()?.message())),
        "skmsg" => {
            let message = SenderKeyMessage::try_from(sealed).ok()?;
            let name = message.chain_id().to_be_bytes().to_vec();
            Some(Key { name, counter: message.iteration(), sealed: sealed.to_vec() })
        }
        _ => None,
    }
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::stanza::leaf;
    use wacore_binary::builder::NodeBuilder;

    fn device() -> DeviceRef {
        DeviceRef { number: "5511999990001".to_owned(), device: 1 }
    }

    fn message(keys: &Keys, counter: u32, text: &[u8], to: &str) -> Node {
        let own = wacore_libsignal::protocol::IdentityKey::new(keys.0.public_key);
        let sealed =
            SignalMessage::new(3, &[7; 32], keys.0.public_key, counter, 0, text, &own, &own).unwrap();
        let mut envelope = leaf("enc", sealed.serialized().to_vec());
        envelope.attrs.insert("type", "msg");
        let to = NodeBuilder::new("to").attr("jid", to.parse::<Jid>().unwrap()).children([envelope]).build();
        let participants = NodeBuilder::new("participants").children([to]).build();
        NodeBuilder::new("message").children([participants]).build()
    }

    #[test]
    fn a_key_is_used_once_for_each_device_and_may_come_again_with_the_same_message() {
        let (mut seen, keys) = (WireKeys::default(), Keys::generate());
        let (ana, rui) = ("5511999990002:1@s.whatsapp.net", "5511999990002:2@s.whatsapp.net");
        let to: Jid = "5511999990002@s.whatsapp.net".parse().unwrap();
        let mut note = |counter, text: &[u8], device_of| {
            seen.note(&device(), &to, &message(&keys, counter, text, device_of))
        };
        assert_eq!(note(0, b"um", ana), 0);
        assert_eq!(note(0, b"um", ana), 0, "the same message again");
        assert_eq!(note(1, b"dois", ana), 0, "the next key");
        assert_eq!(note(0, b"tres", rui), 0, "another device");
        assert_eq!(note(0, b"tres", ana), 1, "another message under a key that was used");
    }
}
