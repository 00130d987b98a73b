//! Hands a session's events to its owner, in order, and ends the session when its state is lost.

use crate::ask::Onlookers;
use crate::backend::Level;
use crate::event::SessionEvent;
use crate::handover::Handover;
use crate::history::Keeper;
use crate::inbound::{Interpreter, Told};
use crate::kept::keep_device;
use crate::transport::Line;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use whatsapp_rust::Client;
use whatsapp_rust::bot::BotHandle;

/// How long a session without a store may take to close: nothing can be flushed any more.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How long to wait before a new device is tried to be stored again, in milliseconds.
const KEEPING: [u64; 7] = [100, 200, 400, 800, 1600, 3200, 6400];

/// How many changes are handed over together.
const TOGETHER: usize = 100;

/// One task for each session.
pub(crate) struct Supervisor {
    /// The number, masked.
    pub(crate) number: String,
    pub(crate) client: Arc<Client>,
    pub(crate) run: BotHandle,
    pub(crate) queued: UnboundedReceiver<Told>,
    pub(crate) interpreter: Interpreter,
    pub(crate) history: Option<Keeper>,
    pub(crate) levels: watch::Receiver<Level>,
    /// Rings when the library has told WhatsApp that the account is online.
    pub(crate) online: Arc<Notify>,
    pub(crate) onlookers: Onlookers,
    pub(crate) line: Line,
    pub(crate) events: Sender<SessionEvent>,
}

impl Supervisor {
    pub(crate) async fn run(mut self) {
        let lost = loop {
            tokio::select! {
                biased;
                Ok(()) = self.levels.changed() => {
                    let level = *self.levels.borrow_and_update();
                    match level {
                        Level::Good => {}
                        Level::Failing => self.tell(SessionEvent::StoreFailing { stopped: false }).await,
                        Level::Halted => break Some(SessionEvent::StoreFailing { stopped: true }),
                        Level::Fenced => break Some(SessionEvent::Fenced),
                    }
                }
                Some(told) = self.queued.recv() => self.pass_on(told).await,
                // A device that is always online would show its owner as always online, and keep the phone from ringing.
                () = self.online.notified() => self.onlookers.appear_offline(&self.client).await,
                () = &mut self.run => break None,
            }
        };
        if lost.is_some() {
            tracing::warn!(number = self.number, event = ?lost, "the session stops");
            self.close().await;
        }
        if let Some(history) = self.history.take() {
            history.finish(CLOSE_LIMIT).await;
        }
        // What the library queued before it ended. It holds the other end of the queue, so closing comes first.
        self.queued.close();
        while let Some(told) = self.queued.recv().await {
            self.pass_on(told).await;
        }
        // A claim can also be noticed while the session is closing.
        let lost = lost.or_else(|| (*self.levels.borrow() == Level::Fenced).then_some(SessionEvent::Fenced));
        if let Some(event) = lost {
            self.tell(event).await;
        }
        self.tell(SessionEvent::Ended).await;
    }

    async fn close(&mut self) {
        self.line.hang_up();
        self.client.signal_shutdown_sync();
        let closed = async {
            self.client.disconnect().await;
            (&mut self.run).await;
        };
        if timeout(CLOSE_LIMIT, closed).await.is_err() {
            self.run.abort();
        }
    }

    /// Hands over what was told, changes that wait together: the first synchronisation tells thousands of them.
    async fn pass_on(&mut self, told: Told) {
        let mut told = Some(told);
        while let Some(Told::Change(first, handover)) = told {
            let (mut changes, mut handovers) = (vec![first], vec![handover]);
            told = None;
            while changes.len() < TOGETHER && told.is_none() {
                match self.queued.try_recv() {
                    Ok(Told::Change(next, handover)) => {
                        changes.push(next);
                        handovers.push(handover);
                    }
                    Ok(other) => told = Some(other),
                    Err(_) => break,
                }
            }
            let updates = self.interpreter.read(&changes).await;
            let handover = Handover::all(handovers);
            if updates.is_empty() {
                handover.accept();
            } else {
                self.tell(SessionEvent::Updates { updates, handover }).await;
            }
        }
        if let Some(Told::Event(event)) = told {
            if matches!(event, SessionEvent::Paired { .. }) {
                self.keep_device().await;
            }
            self.tell(event).await;
        }
    }

    /// Stores a device that was just paired before the owner hears of it. The library would after a moment: a crash in between would
    /// leave the phone with a linked device that nobody has.
    async fn keep_device(&self) {
        for pause in KEEPING {
            let device = keep_device(&self.client.persistence_manager()).await;
            let signal = self.client.flush_pending_signal_state().await.is_ok();
            if (device && signal) || *self.levels.borrow() >= Level::Halted {
                return;
            }
            sleep(Duration::from_millis(pause)).await;
        }
        tracing::warn!(number = self.number, "a device that was paired is not stored yet");
    }

    async fn tell(&self, event: SessionEvent) {
        // Without a listener the event is dropped; a dropped handover refuses its text.
        let _ = self.events.send(event).await;
    }
}
