//! Telling how long things have waited.

use jiff::SignedDuration;
use std::fmt;
use std::sync::Arc;

/// Takes in how long something has waited; nobody does by default.
#[derive(Clone)]
pub(super) struct Measure(Arc<dyn Fn(SignedDuration) + Send + Sync>);

impl Default for Measure {
    fn default() -> Self {
        Self(Arc::new(|_| {}))
    }
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Measure")
    }
}

impl Measure {
    pub(super) fn by(measure: impl Fn(SignedDuration) + Send + Sync + 'static) -> Self {
        Self(Arc::new(measure))
    }

    pub(super) fn take_in(&self, waited: SignedDuration) {
        (self.0)(waited);
    }
}
