//! One connection of an actor.

use super::pairing::Pairing;
use crate::gate::Gate;
use crate::whatsapp::Connection;
use carteiro_engine::{ConnectionId, SessionEvent};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

/// A connection that was started and has not ended.
pub(super) struct Live {
    pub(super) connection: Arc<dyn Connection>,
    pub(super) events: mpsc::Receiver<SessionEvent>,
    /// Events that came while the actor waited for an answer, and that are to be heard before others.
    pub(super) put_off: VecDeque<SessionEvent>,
    /// Its way to the number's state.
    pub(super) gate: Option<Arc<Gate>>,
    /// Held while it logs in.
    pub(super) login: Option<OwnedSemaphorePermit>,
    /// Whether it was started because a client asked, with the device that was there.
    pub(super) resumes_for_client: bool,
    /// How it is paired, if it has to be.
    pub(super) pairing: Pairing,
    /// What sends are written over; `None` while they cannot be.
    pub(super) up: Option<ConnectionId>,
    /// Whether it has been up.
    pub(super) was_up: bool,
    /// When it came up, or was started.
    pub(super) since: Instant,
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(gate) = &self.gate {
            gate.shut();
        }
    }
}

/// The next event of a connection; never, without one.
pub(super) async fn next_event(live: &mut Option<Live>) -> SessionEvent {
    match live {
        // The engine drops its end only after its last event.
        Some(live) => match live.put_off.pop_front() {
            Some(event) => event,
            None => live.events.recv().await.unwrap_or(SessionEvent::Ended),
        },
        None => std::future::pending().await,
    }
}
