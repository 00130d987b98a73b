//! What a fault is, as the admin API takes it.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The stream breaks without a word. With `after_messages`, after that many messages were relayed and before
    /// the last one is acknowledged; without, at once.
    DropStream,
    /// The server keeps the stream open and says nothing on it any more.
    Stall,
    /// Messages are refused: the ack carries `code` as its error.
    Nack,
    /// The stream ends as if the same device had opened another; timing as `drop_stream`.
    Replaced,
    /// The phone unlinks the device; timing as `drop_stream`.
    LoggedOut,
    /// Messages are relayed and their acks kept back until the faults are deleted.
    HoldAcks,
    /// Each message is delivered twice.
    Duplicate,
    /// Messages arrive so that nobody can decrypt them, and have to be asked for again.
    Garble,
    /// Logins are refused with `code` as the reason (401 by default, 403 for a ban, 503 for a busy server).
    RefuseLogin,
    /// The account is banned for a while: its streams end, and its logins are refused with 402, the reason `code` (101
    /// by default: sent to too many people) and `expire_s` seconds to go (3600 by default).
    TemporaryBan,
    /// Codes to pair with are refused with `code` (429 by default; 400 and 452 are WhatsApp's too).
    RefuseCode,
    /// Media goes up and down with `delay_ms` before it starts and no faster than `bytes_per_second`.
    SlowMedia,
    /// Uploads are answered with the HTTP status `code` (500 by default). With 401 or 403 the token that was used is
    /// no longer good either.
    RefuseMedia,
    /// The connection of an upload breaks after `after_bytes` of it (half of it by default). What came is kept for a
    /// client that resumes.
    DropMedia,
}

/// A fault in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Whose clients it concerns.
    pub number: String,
    /// Only this device of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<u16>,
    /// Only messages to this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The error code, for the kinds that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// How many messages pass first.
    #[serde(default)]
    pub after_messages: u64,
    /// How often it happens; for ever when absent (once for the kinds that end a stream or a connection).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// For a ban: how long it lasts from each login that it refuses, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire_s: Option<u64>,
    /// For slow media: milliseconds before a transfer starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// For slow media: how fast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
    /// For dropped media: how many bytes of an upload pass first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_bytes: Option<u64>,
}

impl FaultKind {
    /// Whether it ends a stream.
    pub(crate) fn ends_stream(self) -> bool {
        matches!(self, Self::DropStream | Self::Replaced | Self::LoggedOut)
    }

    /// Whether it is about what clients send to others.
    pub(crate) fn is_of_messages(self) -> bool {
        !self.is_of_media()
            && !matches!(self, Self::Stall | Self::RefuseLogin | Self::TemporaryBan | Self::RefuseCode)
    }

    /// Whether it is about media rather than messages and streams.
    pub(crate) fn is_of_media(self) -> bool {
        matches!(self, Self::SlowMedia | Self::RefuseMedia | Self::DropMedia)
    }

    /// How often it happens when that is not said; for ever if `None`.
    pub(crate) fn usual_times(self) -> Option<u64> {
        (self.ends_stream() || self == Self::DropMedia).then_some(1)
    }
}
