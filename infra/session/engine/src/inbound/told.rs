//! What waits to be handed over.

use crate::event::SessionEvent;
use crate::handover::Handover;
use std::sync::Arc;
use wacore::types::events::Event;

/// Something that the library told, in the order in which it did.
pub(crate) enum Told {
    /// What the owner hears as it is.
    Event(SessionEvent),
    /// What the owner hears in its own words, once it is known who is meant.
    Change(Arc<Event>, Handover),
}

impl From<SessionEvent> for Told {
    fn from(event: SessionEvent) -> Self {
        Self::Event(event)
    }
}
