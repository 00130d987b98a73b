//! Where V1's sessions and their pairings are kept.

use super::Unavailable;
use crate::ids::{PairingId, UserId};
use crate::lease::Epoch;
use crate::phone::Phone;
use crate::session::{NamedSession, Pairing, PairingReport, SessionName};
use crate::shard::Shard;
use async_trait::async_trait;
use jiff::Timestamp;

/// V1's sessions.
#[async_trait]
pub trait NamedSessions: Send + Sync + 'static {
    /// The session of that name, made where there was none.
    async fn open(
        &self,
        user: UserId,
        name: &SessionName,
        at: Timestamp,
    ) -> Result<NamedSession, Unavailable>;

    /// The session of that name (strongly consistent).
    async fn find(&self, user: UserId, name: &SessionName) -> Result<Option<NamedSession>, Unavailable>;

    /// All of a tenant's, by name (strongly consistent).
    async fn list(&self, user: UserId) -> Result<Vec<NamedSession>, Unavailable>;

    /// Whose session a number was last paired for, and how it is called (strongly consistent): where the number's events come
    /// from. It outlives the session ([`NamedSessions::remove`]) until [`NamedSessions::unpair`], so that also the end of
    /// the number's link is told under the session's name.
    async fn of_number(&self, number: &Phone) -> Result<Option<(UserId, SessionName)>, Unavailable>;

    /// Notes the session's pairing under way, if the one noted so far is `before`. `false`: another pairing came first, or the
    /// session is gone.
    async fn set_pairing(
        &self,
        user: UserId,
        name: &SessionName,
        before: Option<PairingId>,
        pairing: PairingId,
    ) -> Result<bool, Unavailable>;

    /// Gives the session the number that its `pairing` found; a session that had it before loses it. Safe to repeat. `false`:
    /// the session is gone, or has another pairing by now.
    async fn set_number(
        &self,
        user: UserId,
        name: &SessionName,
        pairing: PairingId,
        number: &Phone,
    ) -> Result<bool, Unavailable>;

    /// Takes a number away from the session that has it. Safe to repeat.
    async fn unpair(&self, number: &Phone) -> Result<(), Unavailable>;

    /// Forgets a session. Safe to repeat.
    async fn remove(&self, user: UserId, name: &SessionName) -> Result<(), Unavailable>;
}

/// Why a pairing was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// A later owner of the shard has reported already; or the pairing is over, or gone.
    #[error("the pairing has a later owner, or is over or gone")]
    Fenced,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Pairings: the API writes what is wanted, the session task what is. They go an hour after they are over, or a day after they
/// were made.
#[async_trait]
pub trait Pairings: Send + Sync + 'static {
    /// Stores a new pairing.
    async fn create(&self, pairing: &Pairing) -> Result<(), Unavailable>;

    /// A pairing (strongly consistent).
    async fn find(&self, id: PairingId) -> Result<Option<Pairing>, Unavailable>;

    /// Takes a pairing back: it is no longer wanted. Safe to repeat.
    async fn cancel(&self, id: PairingId) -> Result<(), Unavailable>;

    /// The pairings of a shard that are not over. Eventually consistent.
    async fn of_shard(&self, shard: Shard) -> Result<Vec<PairingId>, Unavailable>;

    /// The owner of the shard, in its `epoch`, reports what is; fenced by the latest epoch that reported. What is over stays
    /// as it is ([`PairingError::Fenced`]).
    async fn report(
        &self,
        id: PairingId,
        epoch: Epoch,
        report: &PairingReport,
        at: Timestamp,
    ) -> Result<(), PairingError>;
}
