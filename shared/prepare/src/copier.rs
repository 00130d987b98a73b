//! Copies of received files.

use crate::workshop::{Workshop, of_disk};
use async_trait::async_trait;
use carteiro_core::chat::Attachment;
use carteiro_core::media::{FileKind, MediaKey, MediaUrl};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{
    CopyError, Lost, MAX_RECEIVED_BYTES, MediaCopier, ObjectBody, Objects, Unavailable,
};
use carteiro_fetch::{FetchError, Fetcher};
use carteiro_media::{OpenError, Opened};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The host that WhatsApp's own clients fall back to for every file; the path in a message is the same on all its hosts.
pub const MEDIA_HOST: &str = "mmg.whatsapp.net";
/// A ciphertext is longer than its file by a block of padding at most, and a MAC of ten bytes.
const MOST: u64 = MAX_RECEIVED_BYTES + 26;
/// What a file is stored as whose sender named no type that is one.
const UNKNOWN: &str = "application/octet-stream";

/// Copies received files from WhatsApp's media servers into the bucket. Who knows a file's path and its key needs no session: the
/// servers give the ciphertext to anyone.
pub struct FileCopier {
    fetcher: Fetcher,
    objects: Arc<dyn Objects>,
    workshop: Workshop,
    budget: CopyBudget,
}

/// How long the steps of a copy may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyBudget {
    /// Waiting for room while other files are worked on.
    pub room: Duration,
    /// Fetching the ciphertext.
    pub fetch: Duration,
    /// Storing the file.
    pub store: Duration,
}

impl CopyBudget {
    /// For a request that somebody waits for: under 25 seconds in all, so that it ends before the gateway does.
    pub const WAITED_FOR: Self = Self::of_seconds(2, 12, 9);
    /// For a queue: under a minute and a half.
    pub const QUEUED: Self = Self::of_seconds(20, 45, 20);

    const fn of_seconds(room: u64, fetch: u64, store: u64) -> Self {
        let [room, fetch, store] =
            [Duration::from_secs(room), Duration::from_secs(fetch), Duration::from_secs(store)];
        Self { room, fetch, store }
    }
}

impl FileCopier {
    /// Works in the folder `scratch`, which needs room for four files, twice their size each: 800 MB for the largest.
    pub fn new(fetcher: Fetcher, objects: Arc<dyn Objects>, scratch: PathBuf, budget: CopyBudget) -> Self {
        Self { fetcher, objects, workshop: Workshop::new(scratch), budget }
    }

    async fn opened(
        &self,
        sealed: PathBuf,
        plain: PathBuf,
        key: MediaKey,
        kind: FileKind,
    ) -> Result<Opened, CopyError> {
        let work = tokio::task::spawn_blocking(move || carteiro_media::open(&sealed, &plain, &key, kind));
        match work.await {
            Ok(Ok(opened)) => Ok(opened),
            Ok(Err(OpenError::Damaged)) => Err(CopyError::Lost(Lost::Damaged)),
            Ok(Err(OpenError::Disk(error))) => Err(of_disk(&error).into()),
            Err(error) => Err(broken("open", &error).into()),
        }
    }
}

#[async_trait]
impl MediaCopier for FileCopier {
    async fn copy(&self, file: &Attachment, object: &ObjectKey) -> Result<u64, CopyError> {
        let (Some(key), Some(path)) = (&file.key, &file.direct_path) else {
            return Err(CopyError::Lost(Lost::Nameless));
        };
        if file.length.is_some_and(|length| length > MAX_RECEIVED_BYTES) {
            return Err(CopyError::Lost(Lost::TooLarge));
        }
        let url = address(path).ok_or(CopyError::Lost(Lost::Nameless))?;
        let place = self.workshop.place(self.budget.room).await?;
        let (sealed, plain) = (place.folder().join("sealed"), place.folder().join("plain"));
        self.fetcher.to_file(&url, &sealed, MOST, self.budget.fetch).await.map_err(|error| judged(&error))?;
        let opened =
            self.opened(sealed.clone(), plain.clone(), key.clone(), file.kind.encrypted_as()).await?;
        if file.sha256.is_some_and(|sha256| sha256 != opened.sha256) {
            return Err(CopyError::Lost(Lost::Damaged));
        }
        let put = self.objects.put(object, ObjectBody::File(plain), mime(&file.mime));
        timeout(self.budget.store, put).await.map_err(|_| broken("store", &"no end in time"))??;
        drop(place);
        Ok(opened.length)
    }
}

/// Where a file is. Its path comes from a message, so it must not lead to another host.
fn address(path: &str) -> Option<MediaUrl> {
    let url =
        path.starts_with('/').then(|| MediaUrl::parse(&format!("https://{MEDIA_HOST}{path}")).ok())??;
    (url.as_url().host_str() == Some(MEDIA_HOST)).then_some(url)
}

/// The type of a file, as far as its sender's word is one that a header can carry.
fn mime(given: &str) -> &str {
    let token = |text: &str| {
        (1..=127).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) => essence,
        _ => UNKNOWN,
    }
}

fn judged(error: &FetchError) -> CopyError {
    match error {
        FetchError::Status(403 | 404 | 410) => CopyError::Lost(Lost::Gone),
        FetchError::TooLarge => CopyError::Lost(Lost::TooLarge),
        FetchError::Empty => CopyError::Lost(Lost::Damaged),
        error => broken("fetch", error).into(),
    }
}

fn broken(operation: &str, error: &dyn std::fmt::Display) -> Unavailable {
    Unavailable::new(operation, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_to_another_host() {
        for path in
            ["/v/t62.7118-24/1_n.enc?ccb=11-4&oh=01_Q5&oe=68&_nc_sid=5e03e0", "/a", "//evil.example/a"]
        {
            assert_eq!(address(path).unwrap().as_url().host_str(), Some(MEDIA_HOST), "{path}");
        }
        for path in ["", "a", "@evil.example/a", ".evil.example/a", ":444/a", "https://evil.example/a"] {
            assert!(address(path).is_none(), "{path}");
        }
    }

    #[test]
    fn types_that_are_none_are_not_passed_on() {
        assert_eq!(mime("audio/ogg; codecs=opus"), "audio/ogg");
        for given in ["", "jpeg", "image/", "a/b\r\nx-y: z", "a b/c"] {
            assert_eq!(mime(given), UNKNOWN, "{given:?}");
        }
    }
}
