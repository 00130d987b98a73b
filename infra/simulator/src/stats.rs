//! Counters: what clients sent, and how often each message came.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::overlap::Overlap;
use crate::wire_keys::ReusedKey;

/// Questions about who is on WhatsApp.
#[derive(Default, Serialize)]
pub(crate) struct UsyncStats {
    /// Queries answered, of whatever sort.
    pub(crate) queries: u64,
    /// How often somebody asked whether a number is on WhatsApp, by number as asked, digits only.
    pub(crate) contacts: BTreeMap<String, u64>,
}

/// What the media server did.
#[derive(Default, Serialize)]
pub(crate) struct MediaStats {
    /// `media_conn` queries answered.
    pub(crate) connections: u64,
    /// Files taken.
    pub(crate) uploads: u64,
    /// Of these, how many were resumed from where an earlier upload had stopped.
    pub(crate) resumed: u64,
    /// Uploads refused: by a fault, for a token that is not in force, for bytes of another hash.
    pub(crate) refused: u64,
    /// Uploads that broke off.
    pub(crate) broken_off: u64,
    /// Files asked for.
    pub(crate) downloads: u64,
}

/// Counters since the start or the last reset.
#[derive(Default, Serialize)]
pub(crate) struct Stats {
    /// Streams that are open now, logged in or not.
    pub(crate) open_streams: u64,
    /// Streams opened.
    pub(crate) streams: u64,
    /// Handshakes by pattern: `XX`, `IK`, `XXfallback`.
    pub(crate) handshakes: BTreeMap<&'static str, u64>,
    /// Stanzas that clients sent, by their outline.
    pub(crate) stanzas: BTreeMap<String, u64>,
    /// Who was asked for.
    pub(crate) usync: UsyncStats,
    /// What became of media.
    pub(crate) media: MediaStats,
    /// Messages relayed.
    pub(crate) relayed: u64,
    /// Messages whose senders had other devices in mind than there are, as their acks told them.
    pub(crate) drifted: u64,
    /// Messages refused with an error in their ack.
    pub(crate) refused: u64,
    /// Messages that came from a client whose device was in another client's hands by then.
    pub(crate) overlaps: Vec<Overlap>,
    /// Messages with a message key that had sealed another message before.
    pub(crate) reused_keys: Vec<ReusedKey>,
    /// For each message id, the order numbers at which it came from its sender. More than one is a message that
    /// was sent again.
    pub(crate) arrivals: BTreeMap<String, Vec<u64>>,
}
