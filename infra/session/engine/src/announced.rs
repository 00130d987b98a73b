//! Whether the owner has been told of the connection there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the owner has been told of the connection there is. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Announced(Arc<AtomicBool>);

impl Announced {
    /// The owner is told of a connection; `false` if it was told of this one already.
    pub(crate) fn announce(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }

    /// The owner is told that there is none; `false` if it knows.
    pub(crate) fn take_back(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}
