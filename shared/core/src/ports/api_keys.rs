//! Where tenants' API tokens are kept, beside [`super::Accounts`], which finds the tenant of one.

use super::Unavailable;
use crate::ids::{TokenId, UserId};
use crate::token::ApiKey;
use async_trait::async_trait;
use jiff::Timestamp;

/// The most tokens that a tenant may have at once; those whose time is over do not count.
pub const MAX_API_KEYS: usize = 20;

/// Why a token was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The tenant has [`MAX_API_KEYS`] already.
    #[error("the tenant has as many tokens as it may")]
    TooMany,
    /// The tenant, or the token to replace, is not there.
    #[error("the tenant or the token is gone")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Tenants' API tokens.
#[async_trait]
pub trait ApiKeys: Send + Sync + 'static {
    /// Every token of a tenant, oldest first (strongly consistent). One whose time is over may still be among them.
    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, Unavailable>;

    /// Adds a token to its tenant's. However many ask at once, the tenant never has more than [`MAX_API_KEYS`] that are good
    /// at `now`.
    async fn add(&self, key: &ApiKey, now: Timestamp) -> Result<(), KeyError>;

    /// Adds `new` and ends `old`, a token of the same tenant, at `old_ends`, or sooner where it ends sooner; one that ends
    /// by `now` is taken away. All or nothing; the limit is kept as by [`ApiKeys::add`].
    async fn rotate(
        &self,
        old: TokenId,
        old_ends: Timestamp,
        new: &ApiKey,
        now: Timestamp,
    ) -> Result<(), KeyError>;

    /// Takes a token of a tenant away; `false` when there is none of that id.
    async fn revoke(&self, user: UserId, id: TokenId) -> Result<bool, Unavailable>;
}
