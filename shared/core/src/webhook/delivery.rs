//! One event on its way to one receiver.

use super::event::Event;
use super::stream::StreamKey;
use crate::ids::EventId;
use jiff::{SignedDuration, Timestamp};

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryOutcome {
    /// The receiver answered with this HTTP status; 2xx is a success.
    Answered(u16),
    /// It did not answer.
    Failed(TryFailure),
}

impl TryOutcome {
    /// Whether the receiver has the event.
    pub fn is_success(self) -> bool {
        matches!(self, TryOutcome::Answered(200..=299))
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryFailure {
    /// The address is not one of the public Internet.
    Forbidden,
    /// No name, no connection, or no answer in HTTP.
    Unreachable,
    /// No TLS: the certificate is not trusted, expired, or for another name.
    Tls,
    /// No connection or no answer in time.
    TimedOut,
}

impl TryFailure {
    /// All of them.
    pub const ALL: [TryFailure; 4] =
        [TryFailure::Forbidden, TryFailure::Unreachable, TryFailure::Tls, TryFailure::TimedOut];

    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            TryFailure::Forbidden => "FORBIDDEN_ADDRESS",
            TryFailure::Unreachable => "UNREACHABLE",
            TryFailure::Tls => "TLS",
            TryFailure::TimedOut => "TIMEOUT",
        }
    }

    /// Reads what [`TryFailure::code`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        TryFailure::ALL.into_iter().find(|failure| failure.code() == text)
    }
}

/// One try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in whole milliseconds.
    pub took: SignedDuration,
    /// What became of it.
    pub outcome: TryOutcome,
}

/// Why a delivery was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadReason {
    /// [`super::DELIVERY_LIFE`] was over.
    Expired,
    /// The receiver was stopped.
    Stopped,
}

impl DeadReason {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            DeadReason::Expired => "EXPIRED",
            DeadReason::Stopped => "RECEIVER_STOPPED",
        }
    }

    /// Reads what [`DeadReason::code`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        [DeadReason::Expired, DeadReason::Stopped].into_iter().find(|reason| reason.code() == text)
    }
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It waits, or is being tried.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was given up, and can be redriven.
    Dead,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 3] = [Status::Pending, Status::Delivered, Status::Dead];

    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pendente",
            Status::Delivered => "entregue",
            Status::Dead => "falha",
        }
    }
}

/// What was given is no status of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of pendente, entregue, falha")]
pub struct InvalidStatus;

impl std::str::FromStr for Status {
    type Err = InvalidStatus;

    fn from_str(text: &str) -> Result<Self, InvalidStatus> {
        Status::ALL.into_iter().find(|status| status.as_str() == text).ok_or(InvalidStatus)
    }
}

/// The place of a delivery among others: by when it was published; of those of one microsecond, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryKey {
    /// When it was published.
    pub published_at: Timestamp,
    /// The event.
    pub event: EventId,
}

/// One event on its way to one receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The stream that it is in.
    pub stream: StreamKey,
    /// The event. Of one that is over, what it said is not kept: its `json` is null.
    pub event: Event,
    /// When it was published, which is its place in the stream.
    pub published_at: Timestamp,
    /// How far it is.
    pub status: Status,
    /// Why it was given up, if it was.
    pub dead: Option<DeadReason>,
    /// Since when it waits: since it was published, or redriven.
    pub waiting_since: Timestamp,
    /// Every try, oldest first; of very many, the latest.
    pub tries: Vec<Try>,
}

impl Delivery {
    /// How long it is kept, from when it was published.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
    /// The most tries that are kept.
    pub const MAX_TRIES: usize = 200;

    /// An event that was published just now.
    pub fn new(stream: StreamKey, event: Event, published_at: Timestamp) -> Self {
        Self {
            stream,
            event,
            published_at,
            status: Status::Pending,
            dead: None,
            waiting_since: published_at,
            tries: Vec::new(),
        }
    }

    /// Its place among others.
    pub fn key(&self) -> DeliveryKey {
        DeliveryKey { published_at: self.published_at, event: self.event.id }
    }

    /// Until when it is kept.
    pub fn kept_until(&self) -> Timestamp {
        self.published_at.saturating_add(Self::KEPT).unwrap_or(Timestamp::MAX)
    }

    /// Remembers a try, and that the receiver has it if that succeeded.
    pub fn tried(&mut self, one: Try) {
        self.tries.push(one);
        let surplus = self.tries.len().saturating_sub(Self::MAX_TRIES);
        self.tries.drain(..surplus);
        if one.outcome.is_success() {
            self.status = Status::Delivered;
            self.event.json = serde_json::Value::Null;
        }
    }

    /// Gives it up.
    pub fn give_up(&mut self, reason: DeadReason) {
        self.status = Status::Dead;
        self.dead = Some(reason);
    }

    /// Has it tried anew, if it was given up.
    pub fn redrive(&mut self, now: Timestamp) -> bool {
        let was_dead = self.status == Status::Dead;
        if was_dead {
            self.status = Status::Pending;
            self.dead = None;
            self.waiting_since = now;
        }
        was_dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back() {
        for failure in TryFailure::ALL {
            assert_eq!(TryFailure::from_stored(failure.code()), Some(failure));
        }
        for reason in [DeadReason::Expired, DeadReason::Stopped] {
            assert_eq!(DeadReason::from_stored(reason.code()), Some(reason));
        }
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("x".parse::<Status>().is_err() && TryFailure::from_stored("x").is_none());
    }

    #[test]
    fn only_2xx_is_a_success() {
        for (status, success) in
            [(200, true), (204, true), (299, true), (199, false), (301, false), (410, false), (500, false)]
        {
            assert_eq!(TryOutcome::Answered(status).is_success(), success, "{status}");
        }
        assert!(!TryOutcome::Failed(TryFailure::Tls).is_success());
    }
}
