//! Where the WhatsApp client keeps a device's keys and Signal sessions.

use crate::ids::PairingId;
use crate::lease::Epoch;
use crate::phone::Phone;
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;

/// Names one blob of a number's WhatsApp state: `<kind>#<rest>`, such as `session#5511…:0`.
///
/// At most 900 bytes, so that it fits a DynamoDB sort key (1,024 bytes) with room for a part number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateKey(String);

impl StateKey {
    /// The longest key, in bytes.
    pub const MAX_BYTES: usize = 900;

    /// Makes a key; `None` when it is empty or longer than [`StateKey::MAX_BYTES`].
    pub fn new(key: impl Into<String>) -> Option<Self> {
        let key = key.into();
        (!key.is_empty() && key.len() <= Self::MAX_BYTES).then_some(Self(key))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StateKey {
    /// Only the kind: the rest names the people a number talks to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateKey({}#…)", self.0.split('#').next().unwrap_or_default())
    }
}

/// One change of a number's state.
pub enum StateWrite {
    /// Creates or replaces a blob. Values of any size: an adapter splits what does not fit one item.
    Put(StateKey, Vec<u8>),
    /// Removes a blob; removing what is not there is no error.
    Delete(StateKey),
}

/// Why state could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// A later owner has claimed the number. The holder must stop using the session at once: a message key
    /// that reaches the wire twice is a cryptographic failure.
    #[error("the number's state belongs to a later owner")]
    Fenced,
    /// The store did not answer, or refused. Trying again may help.
    #[error("the state store is unavailable: {0}")]
    Unavailable(String),
    /// What was stored cannot be read back.
    #[error("the stored state is damaged: {0}")]
    Damaged(String),
}

/// The WhatsApp state of one number, held by one owner under one [`Epoch`].
#[async_trait]
pub trait WhatsAppState: Send + Sync + 'static {
    /// Reads one blob (strongly consistent).
    async fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError>;

    /// Reads every blob whose key starts with `prefix`, in key order (strongly consistent).
    async fn list(&self, prefix: &str) -> Result<Vec<(StateKey, Vec<u8>)>, StateError>;

    /// Writes in the given order, conditional on this owner's epoch still being the latest.
    ///
    /// Up to 40 blobs of at most 300 KB each and 2.5 MB together are written all or none; a larger batch is cut in order
    /// into such groups. A larger blob is the old or the new one, never a mixture.
    async fn commit(&self, writes: Vec<StateWrite>) -> Result<(), StateError>;

    /// Whether it is this owner's still, as far as that can be told without asking anybody. Looked at right before anything goes
    /// to WhatsApp: a process that stood still for a while may have lost it, and a message writes nothing each time.
    fn is_held(&self) -> bool {
        true
    }
}

/// Whose WhatsApp state it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateOwner {
    /// A number's.
    Number(Phone),
    /// That of a pairing whose number is not known yet, or has not taken it over yet.
    Pairing(PairingId),
}

impl From<&Phone> for StateOwner {
    fn from(number: &Phone) -> Self {
        Self::Number(number.clone())
    }
}

impl From<PairingId> for StateOwner {
    fn from(pairing: PairingId) -> Self {
        Self::Pairing(pairing)
    }
}

/// Opens the state of numbers and pairings.
#[async_trait]
pub trait WhatsAppStates: Send + Sync + 'static {
    /// Claims the state for `epoch` and then opens it. Every earlier owner is fenced from this moment.
    /// Fails with [`StateError::Fenced`] when a later epoch has claimed it already.
    async fn open(&self, owner: &StateOwner, epoch: Epoch) -> Result<Arc<dyn WhatsAppState>, StateError>;

    /// Deletes all of the state (after a log-out). A number's claim stays, so that no earlier owner can write it back; a
    /// pairing's goes too, and whoever had it open is fenced.
    async fn erase(&self, owner: &StateOwner, epoch: Epoch) -> Result<(), StateError>;

    /// Whether a pairing has state: it was opened, and neither erased nor taken over by a number.
    async fn holds(&self, pairing: PairingId) -> Result<bool, StateError>;

    /// Replaces a number's state by that of a pairing, under the number's claim for `epoch`, and erases the pairing's. Nobody
    /// may have the pairing's state open any more. Safe to repeat after any failure: a pairing that
    /// [has no state](WhatsAppStates::holds) leaves the number's as it is.
    async fn adopt(&self, number: &Phone, epoch: Epoch, pairing: PairingId) -> Result<(), StateError>;
}
