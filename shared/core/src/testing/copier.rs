//! Received files copied without a look at them.

use super::Switch;
use crate::chat::Attachment;
use crate::object::ObjectKey;
use crate::ports::{CopyError, Lost, MediaCopier};
use async_trait::async_trait;
use std::sync::{Mutex, PoisonError};

/// A [`MediaCopier`] that copies nothing: each file is there at once, with the length that its message says, or is lost as the
/// test wants.
#[derive(Debug, Default)]
pub struct FakeCopier {
    /// Whether it answers.
    pub switch: Switch,
    lost: Mutex<Option<Lost>>,
    copied: Mutex<Vec<ObjectKey>>,
}

impl FakeCopier {
    /// From now on every file is lost for this reason; with `None`, none is.
    pub fn lose(&self, why: Option<Lost>) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// The objects that were made, in order.
    pub fn copied(&self) -> Vec<ObjectKey> {
        self.copied.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl MediaCopier for FakeCopier {
    async fn copy(&self, file: &Attachment, object: &ObjectKey) -> Result<u64, CopyError> {
        self.switch.check("copy")?;
        if let Some(why) = *self.lost.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(CopyError::Lost(why));
        }
        self.copied.lock().unwrap_or_else(PoisonError::into_inner).push(object.clone());
        Ok(file.length.unwrap_or_default())
    }
}
