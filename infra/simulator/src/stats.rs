//! Counters: what clients sent, and how often each message came.

use std::collections::BTreeMap;

use serde::Serialize;

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
    /// Messages relayed.
    pub(crate) relayed: u64,
    /// Messages refused with an error in their ack.
    pub(crate) refused: u64,
    /// For each message id, the order numbers at which it came from its sender. More than one is a message that
    /// was sent again.
    pub(crate) arrivals: BTreeMap<String, Vec<u64>>,
}
