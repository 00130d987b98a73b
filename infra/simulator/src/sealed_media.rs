//! Media that phones send: encrypted, and put on the media server, as a client's upload would.

use std::os::unix::fs::FileExt as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use wacore::download::MediaType;

use crate::SimulatorError;
use crate::media::{Partial, Store};

/// Where a file is and what opens it.
pub(crate) struct SealedMedia {
    pub(crate) url: String,
    pub(crate) direct_path: String,
    pub(crate) media_key: Vec<u8>,
    pub(crate) file_sha256: Vec<u8>,
    pub(crate) file_enc_sha256: Vec<u8>,
    /// Of the file itself, in bytes.
    pub(crate) file_length: u64,
}

/// What becomes of a file that a message speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// It is there.
    #[default]
    Kept,
    /// The media server no longer has it; the phones do.
    Gone,
    /// Nobody has it any more.
    Lost,
    /// It is another than the one that was sealed: its MAC is wrong.
    Spoilt,
}

/// Encrypts a file and stores it. The host goes into the address.
pub(crate) fn seal(
    store: &Store,
    host: &str,
    plain: &[u8],
    kind: MediaType,
) -> Result<SealedMedia, SimulatorError> {
    seal_for(store, host, plain, kind, Fate::Kept)
}

/// Encrypts a file, and stores it as its fate has it.
pub(crate) fn seal_for(
    store: &Store,
    host: &str,
    plain: &[u8],
    kind: MediaType,
    fate: Fate,
) -> Result<SealedMedia, SimulatorError> {
    let mut sealed = wacore::upload::encrypt_media(plain, kind).map_err(SimulatorError::crypto)?;
    if fate == Fate::Spoilt {
        // The last bytes are the MAC's.
        if let Some(last) = sealed.data_to_upload.last_mut() {
            *last ^= 0x55;
        }
        sealed.file_enc_sha256 = Sha256::digest(&sealed.data_to_upload).into();
    }
    let kept = |error| SimulatorError::Invalid(format!("the media server takes no file: {error}"));
    let mut partial = Partial::begin().map_err(kept)?;
    partial.file.write_all_at(&sealed.data_to_upload, 0).map_err(kept)?;
    partial.length = sealed.data_to_upload.len() as u64;
    partial.hasher.update(&sealed.data_to_upload);
    let token = URL_SAFE_NO_PAD.encode(sealed.file_enc_sha256);
    let stored = store
        .finish(&token, kind.mms_type(), partial)
        .ok_or_else(|| SimulatorError::crypto("the encrypted file has another hash than it should"))?;
    let direct_path = stored.direct_path();
    if matches!(fate, Fate::Gone | Fate::Lost) {
        store.expire(&token);
    }
    if fate == Fate::Lost {
        store.lose(&token);
    }
    Ok(SealedMedia {
        url: format!("https://{host}{direct_path}&mms3=true"),
        direct_path,
        media_key: sealed.media_key.to_vec(),
        file_sha256: sealed.file_sha256.to_vec(),
        file_enc_sha256: sealed.file_enc_sha256.to_vec(),
        file_length: plain.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::open_media::open;

    #[test]
    fn what_was_sealed_is_on_the_server_and_opens() {
        let store = Store::default();
        let media = seal(&store, "127.0.0.1:1", b"uma foto", MediaType::Image).unwrap();
        assert!(media.url.starts_with(&format!("https://127.0.0.1:1{}", media.direct_path)));
        let stored = store.whole(&URL_SAFE_NO_PAD.encode(&media.file_enc_sha256)).unwrap();
        let mut sealed = Vec::new();
        stored.reader(0, u64::MAX).read_to_end(&mut sealed).unwrap();
        let mut plain = Vec::new();
        open(&sealed[..], &media.media_key, MediaType::Image, &mut plain).unwrap();
        assert_eq!((&plain[..], media.file_length), (&b"uma foto"[..], 8));
    }
}
