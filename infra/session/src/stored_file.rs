//! The ciphertext of a file in the deployment's bucket.

use async_trait::async_trait;
use bytes::Bytes;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::Objects;
use carteiro_engine::{FileSource, SourceError};
use std::sync::Arc;

/// Reads an object piece by piece.
pub struct StoredFile {
    objects: Arc<dyn Objects>,
    key: ObjectKey,
}

impl StoredFile {
    /// The file under `key`.
    pub fn new(objects: Arc<dyn Objects>, key: ObjectKey) -> Self {
        Self { objects, key }
    }
}

#[async_trait]
impl FileSource for StoredFile {
    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, SourceError> {
        match self.objects.read(&self.key, offset, length).await {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(SourceError::Gone),
            Err(error) => {
                tracing::warn!(%error, "a file could not be read");
                Err(SourceError::Unavailable)
            }
        }
    }
}
