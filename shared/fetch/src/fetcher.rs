//! Fetches.

use crate::connector::Connector;
use crate::network::{Network, System};
#[cfg(feature = "simulator")]
use crate::origins::Origins;
use crate::tls::Trust;
use crate::{Deadlines, FetchError, Fetched, Forbidden, NoTrustedRoots, Stage, body, exchange};
use carteiro_core::media::MediaUrl;
use carteiro_core::settings::Settings;
use hyper::HeaderMap;
use hyper::header::LOCATION;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The most redirects that are followed.
pub const MAX_REDIRECTS: usize = 5;

/// Why there is no fetcher.
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    /// The authorities of a trial cannot be read.
    #[error(transparent)]
    NoTrustedRoots(#[from] NoTrustedRoots),
    /// The hosts of a trial are refused.
    #[cfg(feature = "simulator")]
    #[error(transparent)]
    Origins(#[from] crate::OriginsError),
}

/// Fetches files from addresses that tenants name. Made once and shared; a clone shares the same.
#[derive(Clone)]
pub struct Fetcher {
    connector: Connector,
    deadlines: Deadlines,
}

impl Fetcher {
    /// A fetcher that trusts the platform's certificate authorities. Their bundle is read for the first connection; where there is
    /// none, no host is reached.
    pub fn new(deadlines: Deadlines) -> Self {
        Self::over(Arc::new(System), Trust::in_the_platform(), deadlines)
    }

    /// The fetcher of a process with these settings: [`Fetcher::new`], or in builds for trials, where `CARTEIRO_FETCH_ORIGINS` names
    /// hosts, [`Fetcher::with_origins`].
    ///
    /// # Errors
    /// [`FetcherError`]. In builds for trials also when AWS is not on this machine.
    pub fn of_settings<F: Fn(&str) -> Option<String>>(
        settings: &Settings<F>,
        deadlines: Deadlines,
    ) -> Result<Self, FetcherError> {
        #[cfg(feature = "simulator")]
        if let Some(origins) = crate::trial::origins(settings)? {
            return Ok(Self::with_origins(deadlines, origins)?);
        }
        #[cfg(not(feature = "simulator"))]
        let _ = settings;
        Ok(Self::new(deadlines))
    }

    /// A fetcher for trials: the hosts of `origins` are servers of this machine; all others are under the same guard as ever.
    ///
    /// # Errors
    /// [`NoTrustedRoots`] when the authorities of `origins` cannot be read.
    #[cfg(feature = "simulator")]
    pub fn with_origins(deadlines: Deadlines, origins: Origins) -> Result<Self, NoTrustedRoots> {
        let trusting_origins = Trust::in_these(origins.authorities().to_vec())?;
        let fetcher = Self::new(deadlines);
        Ok(Self { connector: fetcher.connector.with_origins(origins, trusting_origins), deadlines })
    }

    pub(crate) fn over(network: Arc<dyn Network>, trust: Trust, deadlines: Deadlines) -> Self {
        Self { connector: Connector::new(network, trust, deadlines), deadlines }
    }

    /// What reaches hosts, and how long they are waited for.
    pub(crate) fn into_parts(self) -> (Connector, Deadlines) {
        (self.connector, self.deadlines)
    }

    /// Fetches the file at `url` into the file `path`, in place of what is there. It must not be longer than `max_bytes`, nor take
    /// longer than `within`. Memory use does not depend on the file's length.
    ///
    /// # Errors
    /// [`FetchError`], saying what happened; no part of the file stays at `path` then, nor when the future is dropped.
    pub async fn to_file(
        &self,
        url: &MediaUrl,
        path: &Path,
        max_bytes: u64,
        within: Duration,
    ) -> Result<Fetched, FetchError> {
        timeout(within, self.follow(url, path, max_bytes))
            .await
            .map_err(|_| FetchError::TimedOut(Stage::Total))?
    }

    async fn follow(&self, url: &MediaUrl, path: &Path, max_bytes: u64) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = exchange::get(&self.connector, &url, self.deadlines).await?;
            match answer.response.status().as_u16() {
                200 => {
                    let headers = answer.response.headers().clone();
                    let length = body::save(answer, path, max_bytes, self.deadlines).await?;
                    return Ok(Fetched::new(length, &headers, url));
                }
                301 | 302 | 303 | 307 | 308 => url = redirect(&url, answer.response.headers())?,
                other => return Err(FetchError::Status(other)),
            }
        }
        Err(FetchError::TooManyRedirects)
    }
}

/// Where an answer sends on to.
fn redirect(from: &MediaUrl, headers: &HeaderMap) -> Result<MediaUrl, FetchError> {
    let location = headers.get(LOCATION).ok_or(FetchError::BadRedirect)?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| FetchError::BadRedirect)?;
    let to = from.as_url().join(location).map_err(|_| FetchError::BadRedirect)?;
    MediaUrl::from_url(to).map_err(|refusal| Forbidden::Redirect(refusal).into())
}
