//! Where tenants are kept.

use super::Unavailable;
use crate::identity::Identity;
use crate::ids::UserId;
use crate::scope::Grant;
use crate::token::TokenHash;
use crate::user::User;
use async_trait::async_trait;

/// Why a tenant was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// Another tenant has this identity.
    #[error("another account has this identity")]
    Taken(Identity),
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Tenants, found by id, identity or token.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Creates a tenant with all its identities and its token, or nothing at all.
    async fn create(&self, user: &User) -> Result<(), CreateError>;

    /// The tenant of that id.
    async fn find(&self, id: UserId) -> Result<Option<User>, Unavailable>;

    /// The tenant of that identity.
    async fn find_by_identity(&self, identity: &Identity) -> Result<Option<User>, Unavailable>;

    /// The tenant of that API token, and what the token lets its bearer do. Whether its time is over is for the caller to see.
    async fn find_by_token(&self, token: &TokenHash) -> Result<Option<(User, Grant)>, Unavailable>;

    /// Removes a tenant, its identities and its token, all or none. Its numbers are removed before, through
    /// [`super::Numbers`]. Removing one that is gone is no error.
    async fn remove(&self, user: &User) -> Result<(), Unavailable>;
}
