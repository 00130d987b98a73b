//! A secret of the deployment.

use super::Unavailable;
use async_trait::async_trait;
use secrecy::SecretString;

/// One secret, as it is and as it was before it was last changed: what was signed with the old one is still good for a while.
#[async_trait]
pub trait Secret: Send + Sync + 'static {
    /// The version in use.
    async fn current(&self) -> Result<SecretString, Unavailable>;

    /// The version before it, if there is one.
    async fn previous(&self) -> Result<Option<SecretString>, Unavailable>;
}
