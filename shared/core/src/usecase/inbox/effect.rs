//! What follows from what was stored.

use super::{Inbox, NumberOwner};
use crate::chat::{Body, Message, MessageKey};
use crate::command::MediaReceived;
use crate::ids::{EventId, UserId};
use crate::phone::Phone;
use crate::ports::Unavailable;
use crate::v1;
use crate::webhook::{Event, EventKind, Origin};
use jiff::Timestamp;

/// One thing to do.
pub(super) enum Effect {
    /// Webhooks are told of a message.
    Tell {
        kind: EventKind,
        message: Box<Message>,
        /// What tells this event from others about the same message.
        what: String,
        at: Timestamp,
    },
    /// A file is copied.
    Keep(MessageKey),
}

impl Effect {
    fn tell(kind: EventKind, message: &Message, what: impl Into<String>, at: Timestamp) -> Self {
        Effect::Tell { kind, message: Box::new(message.clone()), what: what.into(), at }
    }

    /// What it is, for the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Effect::Tell { .. } => "an event",
            Effect::Keep(_) => "the copy of a file",
        }
    }

    /// A message came, or could be read at last.
    pub(super) fn received(message: &Message) -> Self {
        let what = if message.body == Body::Ciphertext { "ciphertext" } else { "message" };
        Self::tell(EventKind::MessageReceived, message, what, message.at)
    }

    pub(super) fn edited(message: &Message) -> Self {
        let at = message.edited_at.unwrap_or(message.at);
        Self::tell(EventKind::MessageReceived, message, format!("edited {}", at.as_microsecond()), at)
    }

    pub(super) fn revoked(message: &Message, at: Timestamp) -> Self {
        Self::tell(EventKind::MessageReceived, message, "revoked", at)
    }

    /// A message came further.
    pub(super) fn moved(message: &Message, at: Timestamp) -> Self {
        Self::tell(EventKind::MessageUpdated, message, format!("ack {}", message.ack.number()), at)
    }

    /// The file of a message that was received, if there is one and what opens it is known.
    pub(super) fn file_of(message: &Message) -> Option<Self> {
        let Body::Media(file) = &message.body else { return None };
        let wanted = !message.key.from_me && file.key.is_some() && file.direct_path.is_some();
        wanted.then(|| Effect::Keep(message.key.clone()))
    }
}

/// The id of an event: the same whenever the same thing is told.
pub(super) fn event_id(
    user: UserId,
    number: &Phone,
    kind: EventKind,
    key: &MessageKey,
    what: &str,
) -> EventId {
    EventId::of(user, &[number.digits(), kind.as_str(), &key.to_string(), what])
}

impl Inbox {
    /// Does it; safe to repeat.
    pub(super) async fn carry_out(&self, owner: &NumberOwner, effect: &Effect) -> Result<(), Unavailable> {
        match effect {
            Effect::Keep(key) => {
                let (user, number, key) = (owner.user, self.number.clone(), key.clone());
                self.ports.media.push(&MediaReceived { user, number, key }).await
            }
            Effect::Tell { kind, message, what, at } => {
                let author = [message.author.address().clone()];
                let people = self.ports.reader.contacts_of(&self.number, &author).await?;
                let event = Event {
                    id: event_id(owner.user, &self.number, *kind, &message.key, what),
                    kind: *kind,
                    origin: Origin { session: owner.session.clone(), number: Some(self.number.clone()) },
                    json: v1::message_event(message, &self.number, &people.into_iter().collect()),
                    at: *at,
                };
                self.ports.events.publish(owner.user, &event).await
            }
        }
    }
}
