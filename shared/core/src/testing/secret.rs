//! A secret in memory.

use super::Switch;
use crate::ports::{Secret, Unavailable};
use async_trait::async_trait;
use secrecy::SecretString;
use std::sync::{Mutex, PoisonError};

/// A [`Secret`] in memory, which a test rotates.
#[derive(Debug)]
pub struct MemorySecret {
    /// Whether it answers.
    pub switch: Switch,
    versions: Mutex<(SecretString, Option<SecretString>)>,
}

impl MemorySecret {
    /// A secret with one version.
    pub fn new(text: impl Into<String>) -> Self {
        Self { switch: Switch::default(), versions: Mutex::new((text.into().into(), None)) }
    }

    /// A new version: what was current becomes the previous one.
    pub fn rotate(&self, text: impl Into<String>) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut versions.0, text.into().into());
        versions.1 = Some(old);
    }
}

#[async_trait]
impl Secret for MemorySecret {
    async fn current(&self) -> Result<SecretString, Unavailable> {
        self.switch.check("current")?;
        Ok(self.versions.lock().unwrap_or_else(PoisonError::into_inner).0.clone())
    }

    async fn previous(&self) -> Result<Option<SecretString>, Unavailable> {
        self.switch.check("previous")?;
        Ok(self.versions.lock().unwrap_or_else(PoisonError::into_inner).1.clone())
    }
}
