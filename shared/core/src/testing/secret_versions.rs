//! A secret in memory that is on its way from one version to the next.

use super::Switch;
use crate::ports::{SecretVersions, Unavailable, VersionStage};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Versions {
    current: (String, String),
    previous: Option<String>,
    pending: Option<(String, Option<String>)>,
}

/// [`SecretVersions`] in memory.
#[derive(Debug)]
pub struct MemorySecretVersions {
    /// Whether it answers.
    pub switch: Switch,
    versions: Mutex<Versions>,
}

impl MemorySecretVersions {
    /// A secret with one version.
    pub fn new(text: &str) -> Self {
        let versions = Versions { current: (String::new(), text.to_owned()), ..Versions::default() };
        Self { switch: Switch::default(), versions: Mutex::new(versions) }
    }

    /// Begins to replace it, as the store does before it asks for the first step.
    pub fn begin(&self, token: &str) {
        self.versions().pending = Some((token.to_owned(), None));
    }

    /// The version in use.
    pub fn current(&self) -> String {
        self.versions().current.1.clone()
    }

    /// The version before it.
    pub fn previous(&self) -> Option<String> {
        self.versions().previous.clone()
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SecretVersions for MemorySecretVersions {
    async fn stage(&self, token: &str) -> Result<VersionStage, Unavailable> {
        self.switch.check("stage")?;
        let versions = self.versions();
        Ok(match &versions.pending {
            _ if versions.current.0 == token => VersionStage::Current,
            Some((pending, _)) if pending == token => VersionStage::Pending,
            _ => VersionStage::Unknown,
        })
    }

    async fn pending(&self, token: &str) -> Result<Option<SecretString>, Unavailable> {
        self.switch.check("pending")?;
        let versions = self.versions();
        let pending = versions.pending.as_ref().filter(|(pending, _)| pending == token);
        Ok(pending.and_then(|(_, text)| text.clone()).map(SecretString::from))
    }

    async fn put_pending(&self, token: &str, text: SecretString) -> Result<(), Unavailable> {
        self.switch.check("put_pending")?;
        self.versions().pending = Some((token.to_owned(), Some(text.expose_secret().to_owned())));
        Ok(())
    }

    async fn promote(&self, token: &str) -> Result<(), Unavailable> {
        self.switch.check("promote")?;
        let mut versions = self.versions();
        if let Some((pending, Some(text))) = versions.pending.take_if(|(pending, _)| pending == token) {
            let old = std::mem::replace(&mut versions.current, (pending, text));
            versions.previous = Some(old.1);
        }
        Ok(())
    }
}
