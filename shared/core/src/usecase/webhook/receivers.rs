//! Receivers, as their tenants set, read, test and take them away.

use super::attempt::{Attempt, Attempts};
use crate::error::{Code, Problem};
use crate::ids::{EventId, ReceiverId, UserId};
use crate::ports::{Clock, Random, Receivers};
use crate::webhook::{
    Event, EventKind, Origin, Receiver, ReceiverScope, ReceiverState, ReceiverUrl, SECRET_OVERLAP, Secrets,
    WebhookFormat, WebhookSecret,
};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often a change is tried that meets another.
const ATTEMPTS: usize = 5;

/// Sets receivers.
#[derive(Clone)]
pub struct SetReceiver {
    /// Where they are.
    pub receivers: Arc<dyn Receivers>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and secrets.
    pub random: Arc<dyn Random>,
}

/// A receiver as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedReceiver {
    /// Where it is.
    pub url: ReceiverUrl,
    /// How it wants the body.
    pub format: WebhookFormat,
    /// Which kinds of events it wants; all, when it is not said.
    pub kinds: Option<BTreeSet<EventKind>>,
}

/// A receiver that was set.
#[derive(Debug, Clone, PartialEq)]
pub struct SetDone {
    /// As it is now.
    pub receiver: Receiver,
    /// Whether it was made by this; its secret is told then, this once.
    pub is_new: bool,
}

impl SetReceiver {
    /// Sets a receiver, or makes it. One that was stopped is told of events again; one that is there keeps its secret. Nothing is
    /// written where it is that way already.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn set(
        &self,
        user: UserId,
        scope: ReceiverScope,
        wanted: WantedReceiver,
    ) -> Result<SetDone, Problem> {
        let kinds = wanted.kinds.unwrap_or_else(|| EventKind::ALL.into());
        for _ in 0..ATTEMPTS {
            let found = self.receivers.find(user, &scope).await?;
            let is_new = found.is_none();
            let before = found.clone();
            let mut receiver = found.unwrap_or_else(|| self.new_receiver(user, scope.clone(), &wanted.url));
            receiver.url = wanted.url.clone();
            receiver.format = wanted.format;
            receiver.kinds.clone_from(&kinds);
            receiver.state = ReceiverState::Active;
            if before.as_ref() == Some(&receiver) || self.receivers.save(&mut receiver).await? {
                return Ok(SetDone { receiver, is_new });
            }
        }
        Err(contended())
    }

    fn new_receiver(&self, user: UserId, scope: ReceiverScope, url: &ReceiverUrl) -> Receiver {
        Receiver {
            id: ReceiverId::from_random(self.random.bytes()),
            user,
            scope,
            url: url.clone(),
            format: WebhookFormat::default(),
            kinds: BTreeSet::new(),
            secrets: Secrets::new(WebhookSecret::from_random(self.random.bytes())),
            state: ReceiverState::Active,
            created_at: whole_micros(self.clock.now()),
            revision: 0,
        }
    }
}

/// Stores keep times to the microsecond.
fn whole_micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

fn contended() -> Problem {
    Problem::new(Code::Unavailable).caused_by("a receiver was changed by others at the same time")
}

/// Reads, tests and takes away receivers, and renews their secrets.
#[derive(Clone)]
pub struct ReceiverBook {
    /// Where they are.
    pub receivers: Arc<dyn Receivers>,
    /// Makes ids and secrets.
    pub random: Arc<dyn Random>,
    /// Posts the test event.
    pub attempts: Attempts,
}

impl ReceiverBook {
    /// A tenant's receivers: its own first, then those of its sessions by name.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn list(&self, user: UserId) -> Result<Vec<Receiver>, Problem> {
        Ok(self.receivers.of_user(user).await?)
    }

    /// Takes a receiver away. What it was not told yet is forgotten.
    ///
    /// # Errors
    /// [`Code::WebhookNotFound`]; [`Code::Unavailable`].
    pub async fn remove(&self, user: UserId, scope: &ReceiverScope) -> Result<(), Problem> {
        if self.receivers.remove(user, scope).await? { Ok(()) } else { Err(Code::WebhookNotFound.into()) }
    }

    /// Gives a receiver a new secret; deliveries are signed with the one before as well for [`SECRET_OVERLAP`].
    ///
    /// # Errors
    /// [`Code::WebhookNotFound`]; [`Code::Unavailable`].
    pub async fn rotate(&self, user: UserId, scope: &ReceiverScope) -> Result<Receiver, Problem> {
        for _ in 0..ATTEMPTS {
            let mut receiver = self.find(user, scope).await?;
            let now = whole_micros(self.attempts.clock.now());
            let new = WebhookSecret::from_random(self.random.bytes());
            receiver.secrets = receiver.secrets.rotated(new, now, SECRET_OVERLAP);
            if self.receivers.save(&mut receiver).await? {
                return Ok(receiver);
            }
        }
        Err(contended())
    }

    /// Posts a test event to a receiver at once, stopped or not, past those that wait. It is a `statusMudou` with the message
    /// `teste`; of a tenant's own receiver, its `sessao` is `teste` too.
    ///
    /// # Errors
    /// [`Code::WebhookNotFound`]; [`Code::Unavailable`]. What the receiver does is no error.
    pub async fn test(&self, user: UserId, scope: &ReceiverScope) -> Result<(EventId, Attempt), Problem> {
        let receiver = self.find(user, scope).await?;
        let session = scope.session().cloned().or_else(|| "teste".parse().ok());
        let event = Event {
            id: EventId::from_random(self.random.bytes()),
            kind: EventKind::StatusChanged,
            origin: Origin { session, number: None },
            json: json!({ "message": "teste" }),
            at: self.attempts.clock.now(),
        };
        Ok((event.id, self.attempts.attempt(&receiver, &event).await))
    }

    async fn find(&self, user: UserId, scope: &ReceiverScope) -> Result<Receiver, Problem> {
        self.receivers.find(user, scope).await?.ok_or_else(|| Code::WebhookNotFound.into())
    }
}
