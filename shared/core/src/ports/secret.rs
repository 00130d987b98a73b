//! A secret of the deployment.

use super::Unavailable;
use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

/// A secret as it is and as it was before it was last changed.
#[derive(Debug, Clone)]
pub struct Versions {
    /// The version in use.
    pub current: SecretString,
    /// The version before it, if there is one.
    pub previous: Option<SecretString>,
    /// Since when `current` is in use, where the store knows.
    pub changed_at: Option<Timestamp>,
}

/// One secret, as it is and as it was before it was last changed: what was signed with the old one is still good for a while.
#[async_trait]
pub trait Secret: Send + Sync + 'static {
    /// The version in use.
    async fn current(&self) -> Result<SecretString, Unavailable>;

    /// The version before it, if there is one.
    async fn previous(&self) -> Result<Option<SecretString>, Unavailable>;

    /// Both, and when the one took the other's place.
    async fn versions(&self) -> Result<Versions, Unavailable>;
}
