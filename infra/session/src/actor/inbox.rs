//! What the connection tells of chats, and what was sent over it, on its way to the stores.
//!
//! One recorder for each number stores it in order, beside the actor's loop. It is taken (its handover accepted) only when all of
//! it is stored and told to webhooks; until then nothing else is said to WhatsApp. While the stores are away it waits here, up to a
//! bound; what goes beyond is dropped, which closes the connection, and comes again with a later one.

use super::Actor;
use super::recorder::{Job, Recorder, What};
use crate::fence::Fence;
use crate::shared::Shared;
use carteiro_core::chat::{Ack, Address, Message, Update};
use carteiro_core::ids::MessageId;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::NumberOwner;
use carteiro_engine::Handover;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How much of one number may wait: messages, people and the like.
const ROOM: usize = 10_000;
/// Of how many sends that are not acknowledged the chats are remembered.
const SENT: usize = 1_000;

/// A number's way to its chats.
pub(super) struct Inbox {
    shared: Arc<Shared>,
    fence: Arc<Fence>,
    number: Phone,
    /// Whose number it is.
    owner: Option<NumberOwner>,
    jobs: Option<mpsc::UnboundedSender<Job>>,
    running: JoinSet<()>,
    room: Arc<Semaphore>,
    /// Whether there was no room for what came last.
    full: bool,
    /// The chats of sends that WhatsApp has not acknowledged.
    sent: HashMap<MessageId, Address>,
}

impl Inbox {
    pub(super) fn new(shared: Arc<Shared>, fence: Arc<Fence>, number: Phone) -> Self {
        Self {
            shared,
            fence,
            number,
            owner: None,
            jobs: None,
            running: JoinSet::new(),
            room: Arc::new(Semaphore::new(ROOM)),
            full: false,
            sent: HashMap::new(),
        }
    }

    /// Says whose number it is from now on.
    pub(super) fn belongs_to(&mut self, owner: NumberOwner) {
        self.owner = Some(owner);
    }

    /// Whether it is known whose number it is: one that was never linked is nobody's here, and has no chats.
    pub(super) fn has_owner(&self) -> bool {
        self.owner.is_some()
    }

    /// Takes what WhatsApp told.
    pub(super) fn take(&mut self, updates: Vec<Update>, handover: Handover) {
        let weight = updates.iter().map(weight).sum();
        self.push(What::Told(updates, Some(handover)), weight);
    }

    /// Takes a message that was just written to the wire.
    pub(super) fn take_sent(&mut self, message: Message) {
        if self.sent.len() >= SENT {
            self.sent.clear();
        }
        self.sent.insert(message.key.id.clone(), message.key.chat.clone());
        self.push(What::Sent(Box::new(message)), 1);
    }

    /// Whether the message of a send was taken that WhatsApp has neither taken nor refused.
    pub(super) fn awaits(&self, id: &MessageId) -> bool {
        self.sent.contains_key(id)
    }

    /// WhatsApp took a send, or refused it, or it was not sent.
    pub(super) fn moved(&mut self, id: &MessageId, ack: Ack) {
        if let Some(chat) = self.sent.remove(id) {
            let (ids, at) = (vec![id.clone()], self.shared.clock.now());
            self.push(What::Told(vec![Update::Acked { chat, ids, ack, at }], None), 1);
        }
    }

    /// Waits until all that was taken so far is stored and told; fails when it is left out.
    pub(super) fn settled(&self) -> oneshot::Receiver<()> {
        let (waiting, settled) = oneshot::channel();
        match &self.jobs {
            Some(jobs) => drop(jobs.send(Job::Mark(waiting))),
            None => drop(waiting.send(())),
        }
        settled
    }

    fn push(&mut self, what: What, weight: usize) {
        let number = self.number.masked();
        let Some(owner) = self.owner.clone() else {
            tracing::warn!(number, "what WhatsApp told was left out: it is not known whose number it is");
            return;
        };
        let room = self.find_room(weight);
        // Nobody tells again what the number did itself. It is bounded by its commands, which are held meanwhile.
        let is_own = matches!(what, What::Sent(_) | What::Told(_, None));
        if room.is_none() && !is_own {
            if !std::mem::replace(&mut self.full, true) {
                tracing::error!(number, "the stores are behind: what WhatsApp tells must come again");
            }
            return;
        }
        self.full &= is_own;
        if self.jobs.is_none() {
            let (sender, jobs) = mpsc::unbounded_channel();
            let recorder = Recorder::new(&self.shared, self.number.clone());
            let fence = self.fence.clone();
            // Past the fence the next owner is told anew.
            self.running.spawn(async move { fence.hold(recorder.run(jobs)).await });
            self.jobs = Some(sender);
        }
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Job::Store { what, owner, room });
        }
    }

    /// Room for so much, of the number's and of the whole task's.
    fn find_room(&self, weight: usize) -> Option<[OwnedSemaphorePermit; 2]> {
        let weight = u32::try_from(weight.clamp(1, ROOM)).ok()?;
        let own = self.room.clone().try_acquire_many_owned(weight).ok()?;
        let all = self.shared.untold.clone().try_acquire_many_owned(weight).ok()?;
        Some([own, all])
    }

    /// Whether everything is stored.
    pub(super) fn is_empty(&self) -> bool {
        self.room.available_permits() == ROOM
    }

    /// Waits until everything is stored, at most that long; what is not is left out, and nothing is taken any more.
    pub(super) async fn finish(&mut self, most: Duration) {
        self.jobs = None;
        let done = async { while self.running.join_next().await.is_some() {} };
        if timeout(most, done).await.is_err() {
            tracing::warn!(number = self.number.masked(), "what WhatsApp told was not all stored");
        }
        self.discard().await;
    }

    /// Leaves out what is not stored; nothing is being stored any more when this returns.
    pub(super) async fn discard(&mut self) {
        self.jobs = None;
        self.running.shutdown().await;
        self.sent.clear();
    }
}

/// How much of the bounds an update takes.
fn weight(update: &Update) -> usize {
    match update {
        Update::History { chats, messages, contacts } => chats.len() + messages.len() + contacts.len(),
        Update::Acked { ids, .. } => ids.len().div_ceil(10),
        Update::Group(group) => 1 + group.participants.len() / 10,
        _ => 1,
    }
}

impl Actor {
    /// Takes what WhatsApp told.
    pub(super) fn on_updates(&mut self, updates: Vec<Update>, handover: Handover) {
        self.inbox.take(updates, handover);
    }

    /// A send was written to the wire: this is the message that it became.
    pub(super) fn record_sent(&mut self, message: Message) {
        self.inbox.take_sent(message);
    }
}
