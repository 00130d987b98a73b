//! Outages.

use crate::ports::Unavailable;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether a port in memory answers: it does until it is told otherwise. It also keeps what the port was asked for.
#[derive(Debug, Default)]
pub struct Switch {
    off: AtomicBool,
    broken: Mutex<Option<String>>,
    refused: Mutex<Option<String>>,
    lost: Mutex<Option<String>>,
    doubled: Mutex<Option<String>>,
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

    /// From now on every call of `operation` fails [for good](Unavailable::lasting).
    pub fn refuse(&self, operation: &str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation.to_owned());
    }

    /// From now on every call of `operation` is done and its answer lost, where the port knows of it ([`Switch::call`]).
    pub fn lose(&self, operation: &str) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation.to_owned());
    }

    /// From now on every call of `operation` is made twice, as by a client that repeats what it heard nothing of; the second answer
    /// is heard.
    pub fn double(&self, operation: &str) {
        *self.doubled.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation.to_owned());
    }

    /// From now on calls are answered again.
    pub fn recover(&self) {
        for planned in [&self.broken, &self.refused, &self.lost, &self.doubled] {
            *planned.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
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
        if is_planned(&self.broken, operation) || self.off.load(Ordering::SeqCst) {
            return Err(switched_off(operation));
        }
        if is_planned(&self.refused, operation) {
            return Err(Unavailable::lasting(operation, "refused by the test"));
        }
        Ok(())
    }

    /// Makes a call of `operation` as often as the network does, and loses its answer if that is planned.
    ///
    /// # Errors
    /// As of `act`; [`Unavailable`] for an answer that is lost.
    pub fn call<T>(
        &self,
        operation: &str,
        mut act: impl FnMut() -> Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        let mut answer = act();
        if is_planned(&self.doubled, operation) {
            answer = act();
        }
        if is_planned(&self.lost, operation) { Err(switched_off(operation)) } else { answer }
    }
}

fn is_planned(planned: &Mutex<Option<String>>, operation: &str) -> bool {
    planned.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(operation)
}

fn switched_off(operation: &str) -> Unavailable {
    Unavailable::new(operation, "switched off by the test")
}
