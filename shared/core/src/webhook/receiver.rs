//! Who is told.

use super::event::{Event, EventKind};
use super::secret::Secrets;
use super::url::ReceiverUrl;
use crate::ids::{ReceiverId, UserId};
use crate::session::SessionName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;

/// What a receiver is told about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiverScope {
    /// All that happens to a tenant's numbers and sessions (`PUT /v2/webhooks`).
    Tenant,
    /// What happens to one V1 session (`/autenticacao?webhook=`).
    Session(SessionName),
}

impl ReceiverScope {
    /// The session, where it is one's.
    pub fn session(&self) -> Option<&SessionName> {
        match self {
            ReceiverScope::Tenant => None,
            ReceiverScope::Session(name) => Some(name),
        }
    }
}

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookFormat {
    /// As JSON.
    #[default]
    Json,
    /// As a form with nested brackets, as the first version of the API did.
    Form,
}

/// What was given is no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of json, form")]
pub struct InvalidFormat;

impl WebhookFormat {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            WebhookFormat::Json => "json",
            WebhookFormat::Form => "form",
        }
    }

    /// The `Content-Type` of the body.
    pub fn content_type(self) -> &'static str {
        match self {
            WebhookFormat::Json => "application/json",
            WebhookFormat::Form => "application/x-www-form-urlencoded",
        }
    }
}

impl FromStr for WebhookFormat {
    type Err = InvalidFormat;

    fn from_str(text: &str) -> Result<Self, InvalidFormat> {
        [WebhookFormat::Json, WebhookFormat::Form]
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or(InvalidFormat)
    }
}

/// Why a receiver was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// It answered 410 Gone: it wants no more.
    Gone,
}

impl StopReason {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            StopReason::Gone => "GONE",
        }
    }

    /// Reads what [`StopReason::code`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        (text == StopReason::Gone.code()).then_some(StopReason::Gone)
    }
}

/// Whether a receiver is told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiverState {
    /// It is.
    Active,
    /// Not until its tenant sets it again.
    Stopped {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: StopReason,
    },
}

/// Who is told of events: at most one for a tenant, and one for each of its V1 sessions. `Debug` shows neither the secret nor
/// more than the host of the address.
#[derive(Debug, Clone, PartialEq)]
pub struct Receiver {
    /// Its id. A receiver that is taken away and set again has another one.
    pub id: ReceiverId,
    /// Whose it is.
    pub user: UserId,
    /// What it is told about.
    pub scope: ReceiverScope,
    /// Where it is.
    pub url: ReceiverUrl,
    /// How it wants the body.
    pub format: WebhookFormat,
    /// The kinds of events that it wants; at least one.
    pub kinds: BTreeSet<EventKind>,
    /// What deliveries are signed with.
    pub secrets: Secrets,
    /// Whether it is told anything.
    pub state: ReceiverState,
    /// When it was first set.
    pub created_at: Timestamp,
    /// Counts its changes; 0 is one that was never stored.
    pub revision: u64,
}

impl Receiver {
    /// Whether it wants to be told of an event.
    pub fn wants(&self, event: &Event) -> bool {
        let about = match &self.scope {
            ReceiverScope::Tenant => true,
            ReceiverScope::Session(name) => event.origin.session.as_ref() == Some(name),
        };
        about && self.is_active() && self.kinds.contains(&event.kind)
    }

    /// Whether it is told anything at all.
    pub fn is_active(&self) -> bool {
        self.state == ReceiverState::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back() {
        for format in [WebhookFormat::Json, WebhookFormat::Form] {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert_eq!("xml".parse::<WebhookFormat>(), Err(InvalidFormat));
        assert_eq!(StopReason::from_stored(StopReason::Gone.code()), Some(StopReason::Gone));
        assert_eq!(StopReason::from_stored("x"), None);
    }
}
