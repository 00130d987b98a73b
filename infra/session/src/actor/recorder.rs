//! Stores what happened in a number's chats, one thing after the other.

use crate::backoff::Backoff;
use crate::shared::Shared;
use carteiro_core::chat::{Message, Update};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{FindRetention, Inbox, InboxPorts, Intake, NumberOwner};
use carteiro_engine::Handover;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::sleep;

/// What is to be stored.
pub(super) enum What {
    /// WhatsApp told it; what WhatsApp waits for is accepted when it is stored.
    Told(Vec<Update>, Option<Handover>),
    /// The number has sent it.
    Sent(Box<Message>),
}

/// Something for the recorder.
pub(super) enum Job {
    /// It is to be stored.
    Store {
        what: What,
        /// Whose number it was.
        owner: NumberOwner,
        /// Its place within the bounds, given back when it is stored or left out.
        room: Option<[OwnedSemaphorePermit; 2]>,
    },
    /// Somebody waits until everything before it is stored and told.
    Mark(oneshot::Sender<()>),
}

/// What is left of a job.
enum Left {
    Told(Intake),
    Sent(NumberOwner, Box<Message>),
}

/// The recorder of one number. It ends when the actor takes nothing more and everything is stored.
pub(super) struct Recorder {
    number: Phone,
    inbox: Inbox,
}

impl Recorder {
    pub(super) fn new(shared: &Shared, number: Phone) -> Self {
        let ports = InboxPorts {
            reader: shared.reader.clone(),
            writer: shared.writer.clone(),
            events: shared.events.clone(),
            media: shared.media.clone(),
            retention: FindRetention::new(
                shared.rules.accounts.clone(),
                shared.rules.plans.clone(),
                shared.clock.clone(),
            ),
        };
        let inbox = Inbox::new(Arc::new(ports), number.clone());
        Self { number, inbox }
    }

    pub(super) async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        while let Some(job) = jobs.recv().await {
            match job {
                Job::Store { what, owner, room } => {
                    self.store(what, owner).await;
                    drop(room);
                }
                Job::Mark(waiting) => {
                    let _ = waiting.send(());
                }
            }
        }
    }

    /// Tries until it is stored.
    async fn store(&mut self, what: What, owner: NumberOwner) {
        let mut backoff = Backoff::of_store();
        let (mut left, handover) = match what {
            What::Told(updates, handover) => (Left::Told(Intake::new(owner, updates)), handover),
            What::Sent(message) => (Left::Sent(owner, message), None),
        };
        while let Err(error) = self.step(&mut left).await {
            let number = self.number.masked();
            tracing::warn!(number, %error, "chats could not be stored; trying again");
            sleep(backoff.wait()).await;
        }
        if let Some(handover) = handover {
            handover.accept();
        }
    }

    async fn step(&mut self, left: &mut Left) -> Result<(), Unavailable> {
        if let Left::Sent(owner, message) = left {
            *left = Left::Told(self.inbox.store_sent(owner, message).await?);
        }
        match left {
            Left::Told(intake) => self.inbox.take_in(intake).await,
            Left::Sent(..) => Ok(()),
        }
    }
}
