//! Events, who is told of them, and how: receivers with their secrets, the body and the signature of a delivery, and when it
//! is tried again.

mod body;
mod delivery;
mod event;
mod form;
mod js_number;
mod outage;
mod receiver;
mod retry;
mod secret;
mod signature;
mod stream;
mod url;

pub use body::{Body, DrawQr, body};
pub use delivery::{DeadReason, Delivery, DeliveryKey, InvalidStatus, Status, Try, TryFailure, TryOutcome};
pub use event::{Event, EventKind, InvalidEventKind, Origin};
pub use form::form;
pub use outage::Outage;
pub use receiver::{InvalidFormat, Receiver, ReceiverScope, ReceiverState, StopReason, WebhookFormat};
pub use retry::{DELIVERY_LIFE, LONGEST_WAIT, LOOK_EVERY, backoff, retry_after};
pub use secret::{SECRET_OVERLAP, Secrets, WebhookSecret};
pub use signature::{SIGNATURE_HEADER, signature};
pub use stream::{StreamKey, StreamSignal};
pub use url::ReceiverUrl;
