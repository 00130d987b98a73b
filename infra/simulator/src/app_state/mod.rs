//! App state: what an account's devices have in common besides messages (pins, mutes, archived chats, the names in the
//! address book, …). The server keeps sealed records in collections; the phone and its companions hold the keys.
//!
//! The simulator plays both sides. It opens every patch that a client sends, so that one which another device could not
//! open or would not believe is refused instead of kept.

mod action;
mod chat;
mod collection;
mod notice;
mod phone;
mod serve;

use std::collections::BTreeMap;
use std::sync::Arc;

use buffa::Message as _;
use serde::{Deserialize, Serialize};
use wacore_appstate::{ExpandedAppStateKeys, expand_app_state_keys};
use waproto::whatsapp as wa;

pub(crate) use action::Action;
pub(crate) use chat::{ChatChange, ChatState};
pub(crate) use collection::Collection;
pub(crate) use phone::{begin, change, push_name};
pub(crate) use serve::answer;

use crate::account::Stored;

/// The collections, in the order in which they are shown.
pub(crate) const COLLECTIONS: [&str; 5] =
    ["critical_block", "critical_unblock_low", "regular_high", "regular_low", "regular"];

/// The app state of one account.
#[derive(Serialize, Deserialize)]
pub(crate) struct AppState {
    /// The phone's keys, the newest last.
    keys: Vec<Key>,
    pub(crate) collections: BTreeMap<String, Collection>,
    /// What the phone has read in them, by index.
    pub(crate) actions: BTreeMap<String, Action>,
    /// How many patches of clients were refused, for whatever reason but a conflict.
    #[serde(default)]
    pub(crate) refused: u64,
    /// How many came too late, after another's.
    #[serde(default)]
    pub(crate) conflicts: u64,
}

/// A key that patches are sealed with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) id: Vec<u8>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) data: Vec<u8>,
}

impl AppState {
    pub(crate) fn new() -> Self {
        Self {
            keys: vec![Key::new(1)],
            collections: BTreeMap::new(),
            actions: BTreeMap::new(),
            refused: 0,
            conflicts: 0,
        }
    }

    /// The phone's keys, the newest last.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Makes a new key, for all patches from now on.
    pub(crate) fn rotate(&mut self) {
        self.keys.push(Key::new(self.keys.len() as u32 + 1));
    }

    fn expanded(&self, id: &[u8]) -> Option<Arc<ExpandedAppStateKeys>> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        Some(Arc::new(expand_app_state_keys(&key.data)))
    }
}

impl Key {
    /// The id is the device that made it, and a number that goes up.
    fn new(epoch: u32) -> Self {
        let id = [&[0, 0][..], &epoch.to_be_bytes()].concat();
        Self { id, data: rand::random::<[u8; 32]>().to_vec() }
    }
}

/// How an index MAC stands in the state file.
fn text(index_mac: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    STANDARD_NO_PAD.encode(index_mac)
}

/// Bytes of a record's value that its MAC takes, at the end.
const VALUE_MAC: usize = 32;

/// The value MAC of an encoded record.
fn value_mac(record: &Stored) -> Option<Vec<u8>> {
    let record = wa::SyncdRecord::decode_from_slice(&record.0).ok()?;
    let blob = record.value.as_option()?.blob.as_ref()?;
    blob.len().checked_sub(VALUE_MAC).map(|at| blob[at..].to_vec())
}
