//! Where tenants' numbers are kept.

use super::Unavailable;
use crate::ids::UserId;
use crate::number::{Claim, NumberChange, OwnedNumber};
use crate::phone::Phone;
use async_trait::async_trait;

/// Why changes were not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A number is another tenant's worker.
    #[error("the number is another tenant's worker")]
    Taken(Phone),
    /// The tenant would have more workers than allowed.
    #[error("more workers than allowed")]
    TooManyWorkers,
    /// Somebody else changed the tenant's numbers at the same time; reading them again and trying anew may help.
    #[error("the numbers changed meanwhile")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Tenants' numbers and the claims on workers.
#[async_trait]
pub trait Numbers: Send + Sync + 'static {
    /// All numbers of a tenant, in order of role and number.
    async fn list(&self, user: UserId) -> Result<Vec<OwnedNumber>, Unavailable>;

    /// Makes all the changes, or none. Adding what is there and removing what is not change nothing. After it, the tenant
    /// has at most `max_workers` workers, unless the changes add none. At most
    /// [`MAX_NUMBER_CHANGES`]; an adapter answers [`Unavailable`] for more.
    async fn apply(&self, user: UserId, changes: &[NumberChange], max_workers: u32)
    -> Result<(), ApplyError>;

    /// The numbers that were workers of a tenant once, in order; they may be its own or another's again. Forgotten once nothing that
    /// is kept can be of them.
    async fn former(&self, user: UserId) -> Result<Vec<Phone>, Unavailable>;

    /// Whose worker a number is.
    async fn claim(&self, number: &Phone) -> Result<Option<Claim>, Unavailable>;
}

/// The most changes one [`Numbers::apply`] takes: a worker's is two of the hundred writes of a DynamoDB transaction, and the
/// tenant's count of workers is one.
pub const MAX_NUMBER_CHANGES: usize = 49;
