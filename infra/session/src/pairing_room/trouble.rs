//! Steps that could not be done.

use carteiro_core::ports::{PairingError, StateError, Unavailable};
use std::time::Duration;

/// Why a step was not done.
pub(super) enum Trouble {
    /// A store or a queue did not answer: again later.
    Store(Unavailable),
    /// Again after that long.
    Later(Duration),
    /// The pairing has a later owner: end at once, write nothing.
    Lost,
}

impl From<Unavailable> for Trouble {
    fn from(error: Unavailable) -> Self {
        Self::Store(error)
    }
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Fenced => Self::Lost,
            StateError::Unavailable(reason) | StateError::Damaged(reason) => {
                Self::Store(Unavailable::new("whatsapp state", reason))
            }
        }
    }
}

impl From<PairingError> for Trouble {
    fn from(error: PairingError) -> Self {
        match error {
            PairingError::Fenced => Self::Lost,
            PairingError::Unavailable(error) => Self::Store(error),
        }
    }
}
