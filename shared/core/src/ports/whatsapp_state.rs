//! Where the WhatsApp client keeps a number's keys and Signal sessions.

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
}

/// Opens the state of numbers.
#[async_trait]
pub trait WhatsAppStates: Send + Sync + 'static {
    /// Claims the number's state for `epoch` and then opens it. Every earlier owner is fenced from this moment.
    /// Fails with [`StateError::Fenced`] when a later epoch has claimed it already.
    async fn open(&self, number: &Phone, epoch: Epoch) -> Result<Arc<dyn WhatsAppState>, StateError>;

    /// Deletes all of the number's WhatsApp state (after a log-out); the claim stays, so that no earlier owner can
    /// write it back.
    async fn erase(&self, number: &Phone, epoch: Epoch) -> Result<(), StateError>;
}
