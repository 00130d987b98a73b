//! Getting a file from where it is.

use carteiro_core::media::{FileKind, MediaUrl};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Objects, PrepareError, Unavailable};
use carteiro_core::send::Failure;
use carteiro_fetch::{FetchError, Fetcher};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How long to wait before a fetch that may well succeed a little later is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// So much time must be left for a second try to be worth it.
const WORTH_IT: Duration = Duration::from_secs(5);

/// Fetches from an address. A host that does not answer right away gets a second chance while there is time: to come back
/// later would keep everything behind it in its number's line waiting.
pub(crate) async fn fetch(
    fetcher: &Fetcher,
    url: &MediaUrl,
    kind: FileKind,
    to: &Path,
    within: Duration,
) -> Result<(), PrepareError> {
    let until = Instant::now() + within;
    let left = || until.saturating_duration_since(Instant::now());
    let again = match fetcher.to_file(url, to, kind.max_bytes(), within).await {
        Ok(_) => return Ok(()),
        Err(error) if error.is_transient() && left() > PAUSE + WORTH_IT => error,
        Err(error) => return Err(judged(error)),
    };
    tracing::info!(error = %again, "the file could not be fetched; once more");
    sleep_until(Instant::now() + PAUSE).await;
    fetcher.to_file(url, to, kind.max_bytes(), left()).await.map(|_| ()).map_err(judged)
}

/// Takes the file that a tenant uploaded.
pub(crate) async fn take(
    objects: &dyn Objects,
    key: &ObjectKey,
    to: &Path,
    within: Duration,
) -> Result<(), PrepareError> {
    let late = |_| Unavailable::new("download", "no end in time");
    match timeout(within, objects.download(key, to)).await.map_err(late)?? {
        Some(_) => Ok(()),
        None => Err(PrepareError::Failed(Failure::MediaGone)),
    }
}

fn judged(error: FetchError) -> PrepareError {
    tracing::info!(%error, "the file could not be fetched");
    match error.failure() {
        Some(failure) => PrepareError::Failed(failure),
        None => Unavailable::new("fetch", error.to_string()).into(),
    }
}
