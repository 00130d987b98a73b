//! Whether a session that only pairs has linked a device.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a session that only pairs has linked a device. Cheap to clone.
///
/// What the phone sends to a new device comes with its first login, and once: the history is lost when that session ends before
/// it has fetched it. So the first login is left to the session that the device goes to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Linked(Arc<AtomicBool>);

impl Linked {
    /// WhatsApp has linked the device.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
