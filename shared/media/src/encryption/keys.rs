//! The four keys of a file.

use carteiro_core::media::{FileKind, MediaKey};
use hkdf::Hkdf;
use sha2::Sha256;
use std::io;

/// What a media key is expanded to. WhatsApp's clients derive a fourth, the reference key, from the 32 bytes that follow;
/// nothing uses it.
pub(super) struct Keys {
    pub(super) iv: [u8; 16],
    pub(super) cipher: [u8; 32],
    pub(super) mac: [u8; 32],
}

impl Keys {
    pub(super) fn derive(key: &MediaKey, kind: FileKind) -> io::Result<Self> {
        let info: &[u8] = match kind {
            FileKind::Image => b"WhatsApp Image Keys",
            FileKind::Audio => b"WhatsApp Audio Keys",
            FileKind::Video => b"WhatsApp Video Keys",
            FileKind::Document => b"WhatsApp Document Keys",
        };
        let mut keys = Self { iv: [0; 16], cipher: [0; 32], mac: [0; 32] };
        let mut expanded = [0; 112];
        Hkdf::<Sha256>::new(None, &key.0).expand(info, &mut expanded).map_err(io::Error::other)?;
        keys.iv.copy_from_slice(&expanded[..16]);
        keys.cipher.copy_from_slice(&expanded[16..48]);
        keys.mac.copy_from_slice(&expanded[48..80]);
        Ok(keys)
    }
}
