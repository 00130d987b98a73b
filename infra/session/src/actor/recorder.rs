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

impl Left {
    /// Leaves out what comes next, which can never be stored, and tells what that was, where it was one thing.
    fn leave_out(&mut self) -> Option<&'static str> {
        match self {
            Left::Told(intake) => intake.leave_out(),
            Left::Sent(owner, _) => {
                *self = Left::Told(Intake::new(owner.clone(), Vec::new()));
                Some("a message that was sent")
            }
        }
    }
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

    /// Tries until it is stored, but for what never can be: of a number one damaged row, or one thing that somebody made too large to be
    /// stored, must not keep away everything behind it.
    async fn store(&mut self, what: What, owner: NumberOwner) {
        let mut backoff = Backoff::of_store();
        let (mut left, handover) = match what {
            What::Told(updates, handover) => (Left::Told(Intake::new(owner, updates)), handover),
            What::Sent(message) => (Left::Sent(owner, message), None),
        };
        while let Err(error) = self.step(&mut left).await {
            let number = self.number.masked();
            if error.lasting {
                if let Some(what) = left.leave_out() {
                    tracing::error!(number, %error, what, "this can never be stored in the chats: it is left out");
                }
                continue;
            }
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
