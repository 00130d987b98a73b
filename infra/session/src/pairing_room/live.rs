//! The connection of a room.

use super::{Room, Trouble};
use crate::gate::Gate;
use crate::whatsapp::Connection;
use carteiro_core::ports::WhatsAppState;
use carteiro_engine::{EngineError, SessionEvent};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

/// How many events may wait for the room before the engine keeps them itself.
const EVENTS: usize = 64;
/// About how soon to look again for room among those that log in.
const LOGIN_ROOM: Duration = Duration::from_millis(100);
/// How long the last write of a session that is over may take.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// A connection that was started and has not ended.
pub(super) struct Live {
    pub(super) connection: Box<dyn Connection>,
    pub(super) events: mpsc::Receiver<SessionEvent>,
    /// Its way to the pairing's state.
    gate: Arc<Gate>,
    /// Held while it logs in.
    pub(super) login: Option<OwnedSemaphorePermit>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.gate.shut();
    }
}

/// The next event of a connection; never, without one.
pub(super) async fn next_event(live: &mut Option<Live>) -> SessionEvent {
    match live {
        Some(live) => live.events.recv().await.unwrap_or(SessionEvent::Ended),
        None => std::future::pending().await,
    }
}

impl Room {
    /// Starts a connection over the pairing's state.
    pub(super) async fn connect(&mut self) -> Result<(), Trouble> {
        let room = self.shared.logins.clone().try_acquire_owned();
        let login = room.map_err(|_| Trouble::Later(LOGIN_ROOM))?;
        let state = self.shared.states.open(&self.id.into(), self.epoch).await?;
        let gate = Arc::new(Gate::new(state, self.fence.clone()));
        let (sender, events) = mpsc::channel(EVENTS);
        let state: Arc<dyn WhatsAppState> = gate.clone();
        match self.shared.whatsapp.pair(self.id, state, sender).await {
            Ok(connection) => {
                self.live = Some(Live { connection, events, gate, login: Some(login) });
                Ok(())
            }
            Err(EngineError::Fenced) => Err(Trouble::Lost),
            Err(error) => {
                tracing::error!(pairing = %self.id, %error, "the connection could not be started");
                Err(Trouble::Later(self.restarts.wait()))
            }
        }
    }

    /// Closes the connection, if there is one; `false` if something of it may still be written.
    pub(super) async fn close(&mut self) -> bool {
        let Some(live) = self.live.take() else { return true };
        if timeout(self.shared.timing.shutdown, live.connection.shutdown()).await.is_err() {
            tracing::warn!(pairing = %self.id, "the connection did not close in time");
        }
        timeout(LAST_WRITE, live.gate.finish()).await.is_ok()
    }
}
