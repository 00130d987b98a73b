//! Where tenants are kept.

use super::Unavailable;
use crate::identity::{Email, Identity};
use crate::ids::UserId;
use crate::mail::MailReturned;
use crate::plan::PlanName;
use crate::retention::RetentionDays;
use crate::scope::Grant;
use crate::token::{ApiKey, TokenHash};
use crate::user::{User, ZoneName};
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

/// What of a tenant is to be changed; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Its plan.
    pub plan: Option<PlanName>,
    /// Its time zone.
    pub time_zone: Option<ZoneName>,
    /// For how many days what it does is kept.
    pub retention: Option<RetentionDays>,
}

/// The most tenants of one page.
pub const MAX_USER_PAGE: usize = 100;

/// Some tenants, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPage {
    /// The tenants. One that was removed while the page was read is left out, so there may be fewer than were asked for.
    pub users: Vec<User>,
    /// What the next page comes after; none after the last.
    pub next: Option<UserId>,
}

/// Tenants, found by id, identity or token.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Creates a tenant with all its identities, or nothing at all.
    async fn create(&self, user: &User) -> Result<(), CreateError>;

    /// Creates a tenant with all its identities and its first token, or nothing at all.
    async fn create_with_key(&self, user: &User, key: &ApiKey) -> Result<(), CreateError>;

    /// The tenant of that id.
    async fn find(&self, id: UserId) -> Result<Option<User>, Unavailable>;

    /// The tenant of that identity.
    async fn find_by_identity(&self, identity: &Identity) -> Result<Option<User>, Unavailable>;

    /// The tenant of that API token, and what the token lets its bearer do. Whether its time is over is for the caller to see.
    async fn find_by_token(&self, token: &TokenHash) -> Result<Option<(User, Grant)>, Unavailable>;

    /// Tenants in the order of their ids, those after `after`: at most `limit`, which is 1 to [`MAX_USER_PAGE`].
    async fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, Unavailable>;

    /// Changes a tenant and answers it as it is then; `None` when there is none.
    async fn change(&self, id: UserId, change: &AccountChange) -> Result<Option<User>, Unavailable>;

    /// Notes that mail to this address of a tenant came back; with `None`, that it arrives again. Nothing changes where there is no
    /// such tenant, it has another address, or a return as late is noted already.
    async fn note_mail(
        &self,
        id: UserId,
        email: &Email,
        returned: Option<MailReturned>,
    ) -> Result<(), Unavailable>;

    /// Removes a tenant, its identities and its tokens, all or none. Its numbers are removed before, through
    /// [`super::Numbers`]. Removing one that is gone is no error.
    async fn remove(&self, user: &User) -> Result<(), Unavailable>;
}
