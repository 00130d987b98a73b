//! What is heard while the actor waits for an answer of WhatsApp's.
//!
//! Nothing goes on the wire before what WhatsApp told earlier is stored; so an actor that waited for an answer and did not take
//! what it is told meanwhile would wait for itself.

use super::Actor;
use super::live::Live;
use crate::whatsapp::Connection;
use carteiro_core::chat::Update;
use carteiro_core::ids::{MessageId, SendId};
use carteiro_engine::{ConnectionId, SessionEvent};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

impl Actor {
    /// The connection there is, to be asked beside the actor.
    pub(super) fn connection(&self) -> Option<Arc<dyn Connection>> {
        Some(self.live.as_ref()?.connection.clone())
    }

    /// The connection that sends are written over, and which it is.
    pub(super) fn wire(&self) -> Option<(Arc<dyn Connection>, ConnectionId)> {
        let live = self.live.as_ref()?;
        Some((live.connection.clone(), live.up?))
    }

    /// Waits for `answer`, and takes meanwhile what must be stored before the question goes out. All else stays in its order and is
    /// heard afterwards.
    ///
    /// `written` is the send that is being written, if one is: what is told of it says that it is on the wire.
    pub(super) async fn meanwhile<T>(
        &mut self,
        answer: impl Future<Output = T>,
        written: Option<SendId>,
    ) -> T {
        let mut answer = pin!(answer);
        let message = written.map(|id| id.message_id());
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => {
                    return answer;
                }
                Some(recorded) = self.recording.join_next() => self.on_recorded(recorded),
                Some(settled) = self.settling.join_next() => self.on_settled(settled),
                event = next_event(&mut self.live) => {
                    if let Some(id) = written.filter(|_| message.as_ref().is_some_and(|it| tells_of(&event, it))) {
                        // Stored before what became of it.
                        self.record_written(id);
                    }
                    match event {
                        SessionEvent::Receipt { .. } | SessionEvent::Updates { .. } => self.on_event(event).await,
                        other => if let Some(live) = &mut self.live {
                            live.put_off.push_back(other);
                        },
                    }
                }
            }
        }
    }
}

/// The next event that nobody has seen; never, when there is none any more.
async fn next_event(live: &mut Option<Live>) -> SessionEvent {
    let next = async { live.as_mut()?.events.recv().await };
    match next.await {
        Some(event) => event,
        None => std::future::pending().await,
    }
}

/// Whether an event that is taken at once tells of a message of the number.
fn tells_of(event: &SessionEvent, message: &MessageId) -> bool {
    match event {
        SessionEvent::Receipt { message_ids, .. } => message_ids.iter().any(|id| id == message.as_str()),
        SessionEvent::Updates { updates, .. } => {
            updates.iter().any(|update| matches!(update, Update::Acked { ids, .. } if ids.contains(message)))
        }
        _ => false,
    }
}

impl Live {
    /// Logs the device out within `most`, and leaves out what is told meanwhile. `false` if WhatsApp could not be told.
    pub(super) async fn log_out(&mut self, most: Duration) -> bool {
        let (connection, events) = (&self.connection, &mut self.events);
        let leaving_out = async {
            while let Some(event) = events.recv().await {
                event.leave_out();
            }
            std::future::pending().await
        };
        tokio::select! {
            told = timeout(most, connection.logout()) => told.unwrap_or(false),
            never = leaving_out => never,
        }
    }
}
