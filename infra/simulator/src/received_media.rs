//! Media that a phone received: fetched from the media server, decrypted, and checked against what the message says.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use wacore::download::MediaType;

use crate::media::{Store, Stored};
use crate::open_media::open;
use crate::world::Server;

/// The length of a media key, in bytes.
const KEY: usize = 32;

/// What a message says of its media. Byte strings are empty when it says nothing.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ReceivedMedia {
    /// As in upload addresses: `image`, `audio`, `video`, `document`.
    pub(crate) kind: String,
    /// A sticker is uploaded as an image.
    pub(crate) sticker: bool,
    pub(crate) mime: String,
    pub(crate) caption: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) seconds: Option<u32>,
    /// Whether the audio is a voice note.
    pub(crate) voice: bool,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) waveform: Vec<u8>,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) thumbnail: Vec<u8>,
    pub(crate) direct_path: String,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) media_key: Vec<u8>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) file_sha256: Vec<u8>,
    #[serde(with = "crate::keys::base64_bytes")]
    pub(crate) file_enc_sha256: Vec<u8>,
    pub(crate) file_length: u64,
    #[serde(skip)]
    pub(crate) checked: Checked,
}

/// How the check went.
#[derive(Clone, Default)]
pub(crate) enum Checked {
    /// The files went with an earlier process.
    #[default]
    Gone,
    /// Under way.
    Pending,
    /// All is as the message says.
    Good,
    /// Why a phone would not show it.
    Bad(String),
}

/// A message whose media waits to be checked.
pub(crate) struct MediaCheck {
    /// Whose phone received it.
    pub(crate) number: String,
    pub(crate) from: String,
    pub(crate) id: String,
}

impl ReceivedMedia {
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind.as_str() {
            "image" if self.sticker => "sticker",
            "image" => "image",
            "audio" => "audio",
            "video" => "video",
            _ => "document",
        }
    }

    fn media_type(&self) -> MediaType {
        match self.kind.as_str() {
            "image" => MediaType::Image,
            "audio" => MediaType::Audio,
            "video" => MediaType::Video,
            _ => MediaType::Document,
        }
    }

    /// The file on the media server, if the message's reference leads to it.
    fn find(&self, store: &Store) -> Result<Arc<Stored>, String> {
        let (path, query) = self.direct_path.split_once('?').unwrap_or((&self.direct_path, ""));
        let query: HashMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let stored =
            store.at(path, &query).map_err(|why| format!("the media server has no such file: {why:?}"))?;
        if stored.token != URL_SAFE_NO_PAD.encode(&self.file_enc_sha256) {
            return Err("the file is another than its encrypted hash says".to_owned());
        }
        if stored.kind != self.kind {
            return Err(format!("it was uploaded as {}, and is sent as {}", stored.kind, self.kind));
        }
        Ok(stored)
    }

    /// Writes the decrypted file. Answers its length in bytes.
    pub(crate) fn decrypt(&self, store: &Store, out: &mut dyn Write) -> Result<u64, String> {
        if self.media_key.len() != KEY {
            return Err("the media key is not 32 bytes".to_owned());
        }
        let stored = self.find(store)?;
        open(stored.reader(0, u64::MAX), &self.media_key, self.media_type(), out)
    }

    /// Whether all is as the message says.
    fn check(&self, store: &Store) -> Result<(), String> {
        let mut hash = Hashing(Sha256::new());
        let length = self.decrypt(store, &mut hash)?;
        if hash.0.finalize().to_vec() != self.file_sha256 {
            return Err("the file's hash is another".to_owned());
        }
        if length != self.file_length {
            return Err(format!("the file has {length} bytes, the message says {}", self.file_length));
        }
        Ok(())
    }
}

/// Checks one message's media; takes as long as decrypting it does.
pub(crate) fn check(server: &Server, wanted: &MediaCheck) {
    let find = |world: &mut crate::world::World, checked: Option<Checked>| {
        let received = &mut world.accounts.get_mut(&wanted.number)?.phone.received;
        let found = received.iter_mut().find(|one| one.id == wanted.id && one.from == wanted.from)?;
        let media = found.media.as_mut()?;
        if let Some(checked) = checked {
            media.checked = checked;
        }
        Some(media.clone())
    };
    let Some(media) = server.change(|world| find(world, None)) else { return };
    let checked = match media.check(&server.store) {
        Ok(()) => Checked::Good,
        Err(why) => Checked::Bad(why),
    };
    server.change(|world| find(world, Some(checked)));
    server.media_checked.notify_waiters();
}

struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
