//! Outages.

use crate::ports::Unavailable;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether a port in memory answers: it does until it is told otherwise. It also keeps what the port was asked for.
#[derive(Debug, Default)]
pub struct Switch {
    off: AtomicBool,
    broken: Mutex<Option<String>>,
    asked: Mutex<Vec<String>>,
}

impl Switch {
    /// From now on every call fails with [`Unavailable`].
    pub fn fail(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// From now on every call of `operation` fails, and no other.
    pub fn fail_in(&self, operation: &str) {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation.to_owned());
    }

    /// From now on calls are answered again.
    pub fn recover(&self) {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.off.store(false, Ordering::SeqCst);
    }

    /// The operations that were called since this was last asked, in their order.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a call of `operation` does first.
    ///
    /// # Errors
    /// [`Unavailable`] during an outage.
    pub fn check(&self, operation: &str) -> Result<(), Unavailable> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(operation.to_owned());
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(operation);
        if broken || self.off.load(Ordering::SeqCst) {
            return Err(Unavailable {
                operation: operation.into(),
                reason: "switched off by the test".into(),
            });
        }
        Ok(())
    }
}
