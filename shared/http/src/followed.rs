//! What is made of a secret, kept at hand and read again now and then.

use crate::answer::ApiError;
use crate::operator::WeakOperatorToken;
use crate::signing::InvalidKey;
use async_trait::async_trait;
use carteiro_core::error::{Code, Problem};
use carteiro_core::ports::{Clock, Unavailable};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How old what was read may be before it is read again.
pub(crate) const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// How long after a reading a credential that does not fit is refused without another one: anyone can send such a credential.
pub(crate) const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// Why nothing can be made of a secret. It never says what the secret is.
#[derive(Debug, thiserror::Error)]
pub enum UnusableSecret {
    /// It was not read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It is no signing key.
    #[error(transparent)]
    NoKey(#[from] InvalidKey),
    /// It is a token that guards nothing.
    #[error(transparent)]
    WeakToken(#[from] WeakOperatorToken),
}

impl From<UnusableSecret> for ApiError {
    /// A store that does not answer is worth another try. A secret that is wrong is the deployment's fault, and stands in the log.
    fn from(error: UnusableSecret) -> Self {
        match error {
            UnusableSecret::Unavailable(error) => error.into(),
            UnusableSecret::NoKey(_) | UnusableSecret::WeakToken(_) => {
                Problem::new(Code::Internal).caused_by(error).into()
            }
        }
    }
}

/// Reads a secret and makes something of it.
#[async_trait]
pub(crate) trait Reader: Send + Sync {
    /// What it makes.
    type Made: Send + Sync;

    /// Reads it, at this time.
    async fn read(&self, now: Timestamp) -> Result<Self::Made, UnusableSecret>;
}

/// Keeps what a [`Reader`] makes. It is read when it is first wanted: a start waits for no secret, and what never wants one reads
/// none. When it cannot be read again, the old one stays in use.
pub(crate) struct Followed<R: Reader> {
    reader: R,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<(Timestamp, Arc<R::Made>)>>,
}

impl<R: Reader> Followed<R> {
    pub(crate) fn new(reader: R, clock: Arc<dyn Clock>) -> Self {
        Self { reader, clock, kept: Mutex::new(None) }
    }

    /// It, read no longer ago than `age`, if it can be read.
    ///
    /// # Errors
    /// When it was never read, and cannot be now.
    pub(crate) async fn no_older_than(&self, age: SignedDuration) -> Result<Arc<R::Made>, UnusableSecret> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        let Some((read_at, made)) = &mut *kept else {
            let made = Arc::new(self.reader.read(now).await?);
            *kept = Some((now, Arc::clone(&made)));
            return Ok(made);
        };
        if now.duration_since(*read_at) >= age {
            // Whatever comes of it, the next reading waits its time: a store in trouble is not asked for each request.
            *read_at = now;
            match self.reader.read(now).await {
                Ok(new) => *made = Arc::new(new),
                Err(error) => tracing::warn!(%error, "a secret was not read again; the old one stays in use"),
            }
        }
        Ok(Arc::clone(made))
    }
}
