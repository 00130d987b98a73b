//! Streams: what keeps its order.

use super::event::Event;
use super::receiver::{Receiver, ReceiverScope};
use crate::ids::{ReceiverId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The events of one origin on their way to one receiver: these are delivered in their order, one at a time. `Debug` does not
/// show the origin, which may be a phone number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamKey {
    /// Whose.
    pub user: UserId,
    /// Where the receiver is found.
    pub scope: ReceiverScope,
    /// Which receiver.
    pub receiver: ReceiverId,
    /// The origin, as the contract's `sessao` has it.
    pub origin: String,
}

impl StreamKey {
    /// The stream that an event takes to a receiver.
    pub fn of(receiver: &Receiver, event: &Event) -> Self {
        Self {
            user: receiver.user,
            scope: receiver.scope.clone(),
            receiver: receiver.id,
            origin: event.origin.shown().to_owned(),
        }
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamKey")
            .field("user", &self.user)
            .field("receiver", &self.receiver)
            .finish_non_exhaustive()
    }
}

/// Tells whoever delivers that a stream may have something to deliver. It is the whole message of the queue: doubled or old
/// ones do no harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamSignal {
    /// Which.
    pub stream: StreamKey,
    /// The wait ([`super::Outage::wake`]) that this signal ends; none when something new is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<u64>,
}

impl StreamSignal {
    /// Something new is there.
    pub fn new(stream: StreamKey) -> Self {
        Self { stream, wake: None }
    }
}
