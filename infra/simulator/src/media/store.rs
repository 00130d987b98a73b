//! What was uploaded: files without a name in the system's temporary directory, which are gone with the process
//! however it ends. Whole ones are found by their token or their path, half ones by their token.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::stanza::now;

/// How long an address stays good, in seconds: two weeks.
const ADDRESS_TTL: u64 = 14 * 24 * 3600;

/// The media that the server holds.
#[derive(Default)]
pub(crate) struct Store(Mutex<Held>);

#[derive(Default)]
struct Held {
    whole: HashMap<String, Arc<Stored>>,
    /// Those that were taken off the server.
    expired: HashMap<String, Arc<Stored>>,
    tokens_by_path: HashMap<String, String>,
    partial: HashMap<String, Partial>,
}

/// A file that was uploaded.
pub(crate) struct Stored {
    file: Arc<File>,
    /// In bytes.
    pub(crate) length: u64,
    /// As in the address it was uploaded to: `image`, `video`, …
    pub(crate) kind: String,
    /// The SHA-256 of its bytes, base64 for URLs without padding: WhatsApp's name for it.
    pub(crate) token: String,
    path: String,
    signature: String,
    /// Seconds since the epoch.
    expires: u64,
}

/// The beginning of a file.
pub(crate) struct Partial {
    pub(crate) file: Arc<File>,
    /// How much of it is there, in bytes.
    pub(crate) length: u64,
    /// Over what is there.
    pub(crate) hasher: Sha256,
}

/// Why an address finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotServed {
    /// There is no such file.
    Unknown,
    /// The address is not as the server gave it.
    BadSignature,
    /// The address is too old.
    Expired,
}

impl Store {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.held() = Held::default();
    }

    /// Takes a file off the server: its address leads nowhere. Whoever sent it still has it.
    pub(crate) fn expire(&self, token: &str) {
        let mut held = self.held();
        held.tokens_by_path.retain(|_, of| of != token);
        if let Some(stored) = held.whole.remove(token) {
            held.expired.insert(token.to_owned(), stored);
        }
    }

    /// Forgets a file that is no longer on the server.
    pub(crate) fn lose(&self, token: &str) {
        self.held().expired.remove(token);
    }

    /// Puts a file on the server that is or was there, at another address.
    pub(crate) fn bring_back(&self, token: &str) -> Option<Arc<Stored>> {
        self.expire(token);
        let mut held = self.held();
        let old = held.expired.remove(token)?;
        let stored = Arc::new(Stored::placed(Arc::clone(&old.file), old.length, &old.kind, token));
        held.tokens_by_path.insert(stored.path.clone(), token.to_owned());
        held.whole.insert(token.to_owned(), Arc::clone(&stored));
        Some(stored)
    }

    /// The file with this token.
    pub(crate) fn whole(&self, token: &str) -> Option<Arc<Stored>> {
        self.held().whole.get(token).cloned()
    }

    /// The file at a path with its query (a `direct_path`), if the query is the one that the server gave.
    pub(crate) fn at(&self, path: &str, query: &HashMap<String, String>) -> Result<Arc<Stored>, NotServed> {
        let stored = {
            let held = self.held();
            let token = held.tokens_by_path.get(path).ok_or(NotServed::Unknown)?;
            held.whole.get(token).cloned().ok_or(NotServed::Unknown)?
        };
        let is = |key: &str, value: &str| query.get(key).is_some_and(|given| given == value);
        if !is("oh", &stored.signature) || !is("oe", &format!("{:X}", stored.expires)) {
            return Err(NotServed::BadSignature);
        }
        if stored.expires <= now() {
            return Err(NotServed::Expired);
        }
        let names_another = |key: &str| query.get(key).is_some_and(|given| *given != stored.token);
        if names_another("token") || names_another("hash") {
            return Err(NotServed::Unknown);
        }
        Ok(stored)
    }

    /// How many bytes there are of a file that is not whole.
    pub(crate) fn partial(&self, token: &str) -> u64 {
        self.held().partial.get(token).map_or(0, |partial| partial.length)
    }

    pub(crate) fn take_partial(&self, token: &str) -> Option<Partial> {
        self.held().partial.remove(token)
    }

    pub(crate) fn keep_partial(&self, token: &str, partial: Partial) {
        self.held().partial.insert(token.to_owned(), partial);
    }

    /// Makes a file whole. `None` if its bytes are not those that its token names; they are forgotten then.
    pub(crate) fn finish(&self, token: &str, kind: &str, partial: Partial) -> Option<Arc<Stored>> {
        if URL_SAFE_NO_PAD.encode(partial.hasher.finalize()) != token {
            return None;
        }
        let mut held = self.held();
        // What is there already keeps its address.
        if let Some(stored) = held.whole.get(token) {
            return Some(Arc::clone(stored));
        }
        let stored = Arc::new(Stored::placed(partial.file, partial.length, kind, token));
        held.tokens_by_path.insert(stored.path.clone(), token.to_owned());
        held.whole.insert(token.to_owned(), Arc::clone(&stored));
        Some(stored)
    }
}

impl Partial {
    /// An empty beginning.
    ///
    /// # Errors
    /// The temporary directory takes no file.
    pub(crate) fn begin() -> io::Result<Self> {
        Ok(Self { file: Arc::new(tempfile::tempfile()?), length: 0, hasher: Sha256::new() })
    }
}

impl Stored {
    /// A file at an address of its own.
    fn placed(file: Arc<File>, length: u64, kind: &str, token: &str) -> Self {
        let (bucket, name) = (rand::random::<u16>() % 9000 + 1000, rand::random::<u64>());
        Self {
            file,
            length,
            kind: kind.to_owned(),
            token: token.to_owned(),
            path: format!("/v/t62.{bucket}-24/{name}_{}_n.enc", rand::random::<u64>()),
            signature: format!("01_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 30]>())),
            expires: now() + ADDRESS_TTL,
        }
    }

    /// The path with the query that proves it, as it goes into messages. WhatsApp's own has a query too, and clients
    /// differ in what they append to it.
    pub(crate) fn direct_path(&self) -> String {
        format!("{}?ccb=11-4&oh={}&oe={:X}&_nc_sid=5e03e0", self.path, self.signature, self.expires)
    }

    /// Its bytes from an offset on.
    pub(crate) fn reader(&self, from: u64, to: u64) -> impl Read + Send + use<> {
        Slice { file: Arc::clone(&self.file), at: from, end: to.min(self.length) }
    }
}

struct Slice {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let read = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use super::*;

    fn partial(bytes: &[u8]) -> Partial {
        let mut partial = Partial::begin().unwrap();
        partial.file.write_all_at(bytes, 0).unwrap();
        partial.length = bytes.len() as u64;
        partial.hasher.update(bytes);
        partial
    }

    fn query(direct_path: &str) -> (String, HashMap<String, String>) {
        let (path, query) = direct_path.split_once('?').unwrap();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        (path.to_owned(), pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn a_file_is_stored_under_the_hash_of_its_bytes_only() {
        let store = Store::default();
        let token = URL_SAFE_NO_PAD.encode(Sha256::digest(b"bytes"));
        assert!(store.finish(&token, "image", partial(b"other")).is_none());
        assert!(store.whole(&token).is_none());
        let stored = store.finish(&token, "image", partial(b"bytes")).unwrap();
        let mut bytes = Vec::new();
        stored.reader(1, u64::MAX).read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"ytes");
    }

    #[test]
    fn an_address_is_served_only_as_it_was_given() {
        let store = Store::default();
        let token = URL_SAFE_NO_PAD.encode(Sha256::digest(b"bytes"));
        let stored = store.finish(&token, "image", partial(b"bytes")).unwrap();
        let (path, mut query) = query(&stored.direct_path());
        assert!(store.at(&path, &query).is_ok());
        query.insert("hash".to_owned(), "another".to_owned());
        assert_eq!(store.at(&path, &query).err(), Some(NotServed::Unknown));
        query.insert("hash".to_owned(), token);
        assert!(store.at(&path, &query).is_ok());
        query.insert("oh".to_owned(), "01_forged".to_owned());
        assert_eq!(store.at(&path, &query).err(), Some(NotServed::BadSignature));
        assert_eq!(store.at("/v/elsewhere", &query).err(), Some(NotServed::Unknown));
    }
}
