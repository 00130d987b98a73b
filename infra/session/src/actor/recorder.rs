//! Stores what happened in a number's chats, one thing after the other.

use crate::backoff::Backoff;
use crate::fence::Fence;
use crate::shared::Shared;
use carteiro_core::chat::{Message, Update};
use carteiro_core::ids::UserId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{FindRetention, Inbox, InboxPorts, Intake, NumberOwner};
use carteiro_engine::Handover;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::sleep;

/// What is to be stored.
pub(super) enum What {
    /// WhatsApp told it; what WhatsApp waits for is accepted when it is stored.
    Told(Vec<Update>, Option<Handover>),
    /// The number has sent it.
    Sent(Box<Message>),
}

/// Something to be stored.
pub(super) struct Job {
    pub(super) what: What,
    /// Whose number it was.
    pub(super) owner: NumberOwner,
    /// Its place within the bounds, given back when it is stored or left out.
    pub(super) _room: [OwnedSemaphorePermit; 2],
}

/// What is left of a job.
enum Left {
    Told(Intake),
    Sent(UserId, Box<Message>),
}

/// The recorder of one number. It ends when the actor takes nothing more and everything is stored.
pub(super) struct Recorder {
    fence: Arc<Fence>,
    number: Phone,
    inbox: Inbox,
}

impl Recorder {
    pub(super) fn new(shared: &Shared, fence: Arc<Fence>, number: Phone) -> Self {
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
        Self { fence, number, inbox }
    }

    pub(super) async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        while let Some(job) = jobs.recv().await {
            self.store(job).await;
        }
    }

    /// Tries until it is stored.
    async fn store(&mut self, job: Job) {
        let mut backoff = Backoff::of_store();
        let (mut left, handover) = match job.what {
            What::Told(updates, handover) => (Left::Told(Intake::new(job.owner, updates)), handover),
            What::Sent(message) => (Left::Sent(job.owner.user, message), None),
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
        if !self.fence.is_open() {
            // The end of this actor is near; the next owner is told anew.
            return std::future::pending().await;
        }
        match left {
            Left::Told(intake) => self.inbox.take_in(intake).await,
            Left::Sent(user, message) => self.inbox.store_sent(*user, message).await,
        }
    }
}
