//! A send: one message that a tenant asked for.

mod body;
mod card;
mod content;
mod failure;
mod recipient;
mod schedule;
mod status;
mod step;
mod waiting;

pub use card::ContactCard;
pub use content::{Content, File, Forward, Source};
pub use failure::Failure;
pub use recipient::{InvalidRecipient, Recipient};
pub(crate) use schedule::in_micros;
pub use schedule::{HORIZON, InvalidSchedule, LONGEST_LIFETIME, Schedule, Times};
pub use status::Status;
pub use step::Step;
pub use waiting::Waiting;

use crate::ids::{SendId, UserId};
use crate::phone::Phone;
use crate::retention::RetentionDays;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// How long a send may wait to be sent before it fails.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How long an `Idempotency-Key` names its send.
pub const IDEMPOTENCY_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// A text to send: 1 to 65,536 characters, WhatsApp's limit, and not only white space. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

/// What was given is empty, or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text has 1 to 65,536 characters")]
pub struct InvalidText;

impl Text {
    /// The most characters a text may have.
    pub const MAX_CHARS: usize = 65_536;

    /// Takes a text.
    pub fn parse(text: String) -> Result<Self, InvalidText> {
        let valid = !text.trim().is_empty() && text.chars().count() <= Self::MAX_CHARS;
        if valid { Ok(Self(text)) } else { Err(InvalidText) }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} characters)", self.0.chars().count())
    }
}

/// The hash of what a client asked for under an `Idempotency-Key`; another request under the same key is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHash(pub String);

/// One message that a tenant asked for, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Its id.
    pub id: SendId,
    /// Whose it is.
    pub user: UserId,
    /// The worker number that it goes out from.
    pub from: Phone,
    /// Whom it was asked to go to.
    pub to: Recipient,
    /// The address that it resolved to on WhatsApp, once known.
    pub resolved_to: Option<String>,
    /// What it carries.
    pub content: Content,
    /// How far it is.
    pub status: Status,
    /// Why it failed, when it did.
    pub failure: Option<Failure>,
    /// Why it waits, while it is `na fila` for a reason other than those before it.
    pub waiting: Option<Waiting>,
    /// The request's hash, when it came with an `Idempotency-Key`.
    pub request: Option<RequestHash>,
    /// When it was accepted.
    pub queued_at: Timestamp,
    /// When it is to be sent, where that was later than when it was accepted.
    pub send_at: Option<Timestamp>,
    /// After when it must not be sent any more.
    pub expires_at: Timestamp,
    /// When it is forgotten, a whole second.
    pub kept_until: Timestamp,
    /// When the session task took it.
    pub processing_at: Option<Timestamp>,
    /// When WhatsApp's server acknowledged it.
    pub sent_at: Option<Timestamp>,
    /// When a device of the recipient had it.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// How often a sweep has put it back in the queue.
    pub requeues: u32,
}

impl Send {
    /// A text accepted at `queued_at`; see [`Send::new`].
    pub fn of_text(
        id: SendId,
        user: UserId,
        from: Phone,
        to: impl Into<Recipient>,
        text: Text,
        queued_at: Timestamp,
    ) -> Self {
        Self::new(id, user, from, to, Content::Text(text), queued_at)
    }

    /// A send accepted at `queued_at`: `na fila`, with the usual time to be sent and no request hash.
    pub fn new(
        id: SendId,
        user: UserId,
        from: Phone,
        to: impl Into<Recipient>,
        content: Content,
        queued_at: Timestamp,
    ) -> Self {
        Self {
            id,
            user,
            from,
            to: to.into(),
            resolved_to: None,
            content,
            status: Status::Queued,
            failure: None,
            waiting: None,
            request: None,
            queued_at,
            send_at: None,
            expires_at: queued_at + LIFETIME,
            kept_until: RetentionDays::default().end_of_send(queued_at, queued_at + LIFETIME),
            processing_at: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            requeues: 0,
        }
    }

    /// This send at those times; one that is for later waits for it.
    #[must_use]
    pub fn at(self, times: Times) -> Self {
        let waiting = times.send_at.map(|_| Waiting::Scheduled);
        Self { send_at: times.send_at, expires_at: times.expires_at, waiting, ..self }
    }

    /// This send kept for that long, counted from when it may be sent, or from `lasts` where that is later.
    #[must_use]
    pub fn kept_for(self, retention: RetentionDays, lasts: Option<Timestamp>) -> Self {
        let from = lasts.map_or(self.begins_at(), |lasts| lasts.max(self.begins_at()));
        Self { kept_until: retention.end_of_send(from, self.expires_at), ..self }
    }

    /// Whether its file was uploaded: uploads are kept for a day.
    pub fn has_upload(&self) -> bool {
        matches!(&self.content, Content::File(File { source: Source::Upload(_), .. }))
    }

    /// From when on it may be sent: when it was accepted, or the time that it is scheduled for. It is its place in its number's
    /// line.
    pub fn begins_at(&self) -> Timestamp {
        self.send_at.unwrap_or(self.queued_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_bounds_and_do_not_show_in_debug() {
        assert!(Text::parse(" \n".into()).is_err());
        assert!(Text::parse("é".repeat(65_536)).is_ok());
        assert!(Text::parse("é".repeat(65_537)).is_err());
        assert_eq!(format!("{:?}", Text::parse("segredo".into()).unwrap()), "Text(7 characters)");
    }
}
