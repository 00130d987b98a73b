//! Steps that could not be done, and when they are tried again.

use super::Actor;
use carteiro_core::ports::Unavailable;
use std::time::Duration;

/// Why a step was not done.
pub(super) enum Setback {
    /// A store did not answer: again later.
    Store(Unavailable),
    /// Something else is not ready yet: again after that long.
    Later(Duration),
    /// The number has a later owner: end at once, write nothing.
    Lost,
}

impl From<Unavailable> for Setback {
    fn from(unavailable: Unavailable) -> Self {
        Self::Store(unavailable)
    }
}

/// Which of the actor's jobs met a setback; each waits by itself.
#[derive(Clone, Copy)]
pub(super) enum Which {
    Align,
    Step,
    Park,
}

impl Actor {
    /// How long to wait after a setback.
    pub(super) fn after(&mut self, done: Result<(), Setback>, which: Which) -> Option<Duration> {
        let backoff = match which {
            Which::Align => &mut self.align_backoff,
            Which::Step => &mut self.step_backoff,
            Which::Park => &mut self.park_backoff,
        };
        match done {
            Ok(()) => {
                backoff.reset();
                None
            }
            Err(Setback::Later(wait)) => Some(wait),
            Err(Setback::Store(error)) => {
                tracing::warn!(number = self.number.masked(), %error, "a store does not answer; trying again");
                Some(backoff.wait())
            }
            Err(Setback::Lost) => {
                self.lost = true;
                None
            }
        }
    }
}
