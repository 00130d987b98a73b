//! The whole way of a file.

use crate::Budget;
use crate::source::{fetch, take};
use crate::workshop::{Place, Workshop, of_disk};
use async_trait::async_trait;
use carteiro_core::media::{MediaKey, Prepared};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, Objects, PrepareError, Preparer, Random, Unavailable};
use carteiro_core::send::{Failure, File, Send, Source};
use carteiro_fetch::Fetcher;
use carteiro_media::Made;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::time::{Instant, timeout};

/// What a ciphertext is stored as.
const CIPHERTEXT: &str = "application/octet-stream";

/// Makes files ready. Up to four at a time are fetched and one is decoded; others wait their turn.
pub struct FilePreparer {
    fetcher: Fetcher,
    objects: Arc<dyn Objects>,
    random: Arc<dyn Random>,
    workshop: Workshop,
    budget: Budget,
}

impl FilePreparer {
    /// Works in the folder `scratch`, which needs room for four files, twice their size each: 800 MB for the largest.
    pub fn new(
        fetcher: Fetcher,
        objects: Arc<dyn Objects>,
        random: Arc<dyn Random>,
        scratch: PathBuf,
    ) -> Self {
        Self { fetcher, objects, random, workshop: Workshop::new(scratch), budget: Budget::default() }
    }

    /// With other times for the steps. Those that take longer together than a file may are not taken.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        if budget.fits() {
            self.budget = budget;
        }
        self
    }

    async fn get(&self, send: &Send, file: &File, to: &Path) -> Result<(), PrepareError> {
        match &file.source {
            Source::Url(url) => fetch(&self.fetcher, url, file.kind, to, self.budget.fetch).await,
            Source::Upload(id) => {
                take(&*self.objects, &ObjectKey::upload(send.user, *id), to, self.budget.fetch).await
            }
        }
    }

    /// Makes of a file what WhatsApp wants, on a thread of its own. A file that takes too long is too large for what we can do;
    /// its thread keeps bench and folder until it ends by itself.
    async fn make(&self, file: &File, plain: PathBuf, place: Arc<Place>) -> Result<Made, PrepareError> {
        let until = Instant::now() + self.budget.make;
        let bench = self.workshop.bench(self.budget.make / 2).await?;
        let (kind, name) = (file.kind, file.name.clone());
        let key = MediaKey(self.random.bytes());
        let work = tokio::task::spawn_blocking(move || {
            let made = carteiro_media::prepare(kind, &plain, name.as_ref(), place.folder(), key);
            drop((place, bench));
            made
        });
        match timeout(until.saturating_duration_since(Instant::now()), work).await {
            Err(_) => {
                tracing::warn!("the file takes too long to be made ready");
                Err(PrepareError::Failed(Failure::MediaSize))
            }
            Ok(Err(error)) => Err(broken(&error).into()),
            Ok(Ok(Err(error))) => Err(match error.failure() {
                Some(failure) => PrepareError::Failed(failure),
                None => broken(&error).into(),
            }),
            Ok(Ok(Ok(made))) => Ok(made),
        }
    }
}

fn broken(error: &dyn std::fmt::Display) -> Unavailable {
    Unavailable::new("prepare", error.to_string())
}

#[async_trait]
impl Preparer for FilePreparer {
    async fn prepare(&self, send: &Send, file: &File) -> Result<Prepared, PrepareError> {
        let place = self.workshop.place(self.budget.room).await?;
        let plain = place.folder().join("file");
        self.get(send, file, &plain).await?;
        let made = self.make(file, plain.clone(), Arc::clone(&place)).await?;
        // What is not needed any more gives its room back before the ciphertext goes up.
        tokio::fs::remove_file(&plain).await.map_err(|error| of_disk(&error))?;
        let object = ObjectKey::outgoing(send.id);
        let put = self.objects.put(&object, ObjectBody::File(made.ciphertext.clone()), CIPHERTEXT);
        timeout(self.budget.store, put).await.map_err(|_| broken(&"the store took too long"))??;
        drop(place);
        Ok(made.into_prepared(object))
    }
}
