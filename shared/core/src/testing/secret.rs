//! A secret in memory.

use super::Switch;
use crate::ports::{Secret, Unavailable, Versions};
use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use std::sync::{Mutex, PoisonError};

/// A [`Secret`] in memory, which a test rotates.
#[derive(Debug)]
pub struct MemorySecret {
    /// Whether it answers.
    pub switch: Switch,
    versions: Mutex<Versions>,
}

impl MemorySecret {
    /// A secret with one version.
    pub fn new(text: impl Into<String>) -> Self {
        let versions = Versions { current: text.into().into(), previous: None, changed_at: None };
        Self { switch: Switch::default(), versions: Mutex::new(versions) }
    }

    /// A new version, made long ago: what was current becomes the previous one.
    pub fn rotate(&self, text: impl Into<String>) {
        self.change(text.into(), None);
    }

    /// A new version, made at `now`.
    pub fn rotate_at(&self, now: Timestamp, text: impl Into<String>) {
        self.change(text.into(), Some(now));
    }

    fn change(&self, text: String, changed_at: Option<Timestamp>) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut versions.current, text.into());
        *versions = Versions { previous: Some(old), changed_at, ..versions.clone() };
    }

    fn read(&self, operation: &str) -> Result<Versions, Unavailable> {
        self.switch.check(operation)?;
        Ok(self.versions.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

#[async_trait]
impl Secret for MemorySecret {
    async fn current(&self) -> Result<SecretString, Unavailable> {
        Ok(self.read("current")?.current)
    }

    async fn previous(&self) -> Result<Option<SecretString>, Unavailable> {
        Ok(self.read("previous")?.previous)
    }

    async fn versions(&self) -> Result<Versions, Unavailable> {
        self.read("versions")
    }
}
