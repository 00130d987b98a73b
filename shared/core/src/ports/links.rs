//! Where the links of numbers to WhatsApp are kept.

use super::Unavailable;
use crate::ids::{PairingId, UserId};
use crate::lease::Epoch;
use crate::number::{Desired, Link, LinkReport};
use crate::phone::Phone;
use crate::shard::Shard;
use async_trait::async_trait;
use jiff::Timestamp;

/// Why a link was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The number's link is still another tenant's, whose session is being removed.
    #[error("the link is still another tenant's")]
    Busy,
    /// A later owner of the shard has reported already; or the link is gone.
    #[error("the link has a later owner, or is gone")]
    Fenced,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Links: the API writes what is wanted, the session task what is.
#[async_trait]
pub trait Links: Send + Sync + 'static {
    /// A number's link (strongly consistent).
    async fn find(&self, number: &Phone) -> Result<Option<Link>, Unavailable>;

    /// The links of those of the numbers that have one, in no order (strongly consistent).
    async fn find_many(&self, numbers: &[Phone]) -> Result<Vec<Link>, Unavailable>;

    /// Says what a tenant wants of a number, creating the link (`offline`) when there is none and `desired` is
    /// [`Desired::Connected`], however it is to be paired. `None` when there is no link and none is needed. A link that waits
    /// to be removed stays so: [`LinkError::Busy`], as for a link of another tenant; only its removal may be asked for again.
    async fn want(
        &self,
        number: &Phone,
        user: UserId,
        shard: Shard,
        desired: Desired,
        at: Timestamp,
    ) -> Result<Option<Link>, LinkError>;

    /// Has the number's session take over the device that `pairing` linked, whose address is `jid`: wants the number connected,
    /// as [`Links::want`] does and with the same errors, and sets [`Link::adopts`]. Safe to repeat: what the number has adopted
    /// before, it does not adopt again.
    async fn adopt(
        &self,
        number: &Phone,
        user: UserId,
        shard: Shard,
        pairing: PairingId,
        jid: &str,
        at: Timestamp,
    ) -> Result<(), LinkError>;

    /// The owner of the shard, in its `epoch`, has taken the pairing's device over: the link has its address, is `connecting`,
    /// and no longer [adopts](Link::adopts) it; fenced like a report. A link that adopts another pairing by now stays as it is.
    async fn adopted(
        &self,
        number: &Phone,
        epoch: Epoch,
        pairing: PairingId,
        at: Timestamp,
    ) -> Result<(), LinkError>;

    /// The links of a shard that need a session: wanted connected, or waiting to be removed. Eventually consistent.
    async fn of_shard(&self, shard: Shard) -> Result<Vec<Phone>, Unavailable>;

    /// The owner of the shard, in its `epoch`, reports what is; fenced by the latest epoch that reported.
    async fn report(
        &self,
        number: &Phone,
        epoch: Epoch,
        report: &LinkReport,
        at: Timestamp,
    ) -> Result<(), LinkError>;

    /// The owner of the shard deletes the link of a number that was removed; fenced like a report, and refused
    /// ([`LinkError::Fenced`]) unless the link still waits to be removed.
    async fn forget(&self, number: &Phone, epoch: Epoch) -> Result<(), LinkError>;
}
