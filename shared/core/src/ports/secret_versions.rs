//! A secret on its way from one version to the next.

use super::Unavailable;
use async_trait::async_trait;
use secrecy::SecretString;

/// Where a version of a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionStage {
    /// It is the one in use.
    Current,
    /// It is to be the next one; it may have no text yet.
    Pending,
    /// The secret has no such version, or has laid it aside.
    Unknown,
}

/// The versions of one secret, each by the token that the store gave it when it began to replace the secret.
#[async_trait]
pub trait SecretVersions: Send + Sync + 'static {
    /// Where the version of that token stands.
    async fn stage(&self, token: &str) -> Result<VersionStage, Unavailable>;

    /// The text of the pending version of that token, if it has one.
    async fn pending(&self, token: &str) -> Result<Option<SecretString>, Unavailable>;

    /// Gives the pending version of that token its text.
    async fn put_pending(&self, token: &str, text: SecretString) -> Result<(), Unavailable>;

    /// Puts the version of that token in use; the one that was becomes the previous one. Safe to repeat.
    async fn promote(&self, token: &str) -> Result<(), Unavailable>;
}
