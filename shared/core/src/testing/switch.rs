//! Outages.

use crate::ports::Unavailable;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a port in memory answers. It does until it is told otherwise.
#[derive(Debug, Default)]
pub struct Switch(AtomicBool);

impl Switch {
    /// From now on every call fails with [`Unavailable`].
    pub fn fail(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// From now on calls are answered again.
    pub fn recover(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// What a call of `operation` does first.
    ///
    /// # Errors
    /// [`Unavailable`] during an outage.
    pub fn check(&self, operation: &str) -> Result<(), Unavailable> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Unavailable {
                operation: operation.into(),
                reason: "switched off by the test".into(),
            });
        }
        Ok(())
    }
}
