//! Files that are ready for WhatsApp.

use crate::object::ObjectKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The 32 bytes that a file is encrypted with; WhatsApp's four keys (IV, cipher, MAC, reference) are derived from them with
/// HKDF-SHA256. Who has them and the ciphertext has the file, so `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaKey(pub [u8; 32]);

impl Serialize for MediaKey {
    /// As hexadecimal digits, for stores only.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for MediaKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let mut key = [0; 32];
        hex::decode_to_slice(text.as_ref(), &mut key).map_err(serde::de::Error::custom)?;
        Ok(Self(key))
    }
}

impl fmt::Debug for MediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MediaKey(…)")
    }
}

/// What the recipient's client is told of a file before it has it, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A picture, in pixels.
    Image {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// A voice note: ogg with Opus.
    Voice {
        /// How long it plays, in whole seconds, at least one.
        seconds: u32,
        /// Its loudness over time: 64 values of 0 to 100.
        waveform: [u8; 64],
    },
    /// A film. What could not be read is `None`.
    Video {
        /// How long it plays, in whole seconds.
        seconds: Option<u32>,
        /// Width and height in pixels.
        size: Option<(u32, u32)>,
    },
    /// Any file.
    Document,
}

/// A file that was fetched, checked, made what WhatsApp wants, encrypted and stored: what the session task needs to upload
/// and announce it. It is kept apart from the send, which is written to often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where the ciphertext is.
    pub object: ObjectKey,
    /// The ciphertext's length in bytes.
    pub encrypted_length: u64,
    /// The media type that the recipient is told, such as `image/jpeg`.
    pub mime: String,
    /// What it is encrypted with.
    pub key: MediaKey,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// SHA-256 of the ciphertext with its MAC.
    pub encrypted_sha256: [u8; 32],
    /// The file's length in bytes.
    pub length: u64,
    /// For audio and video: the MAC of each 64 KiB of the ciphertext, so that it can be played while it loads.
    pub sidecar: Option<Vec<u8>>,
    /// What it is.
    pub shape: Shape,
    /// A small JPEG, at most some kilobytes, where one could be made.
    pub thumbnail: Option<Vec<u8>>,
}
