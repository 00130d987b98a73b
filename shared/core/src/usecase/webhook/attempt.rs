//! One try to deliver.

use crate::ports::{Clock, Letter, Postman};
use crate::webhook::{
    DrawQr, Event, Receiver, SIGNATURE_HEADER, Try, TryOutcome, body, retry_after, signature,
};
use jiff::SignedDuration;
use std::sync::Arc;

/// The header of the event's id, the same in every try: by it a receiver drops what it got already.
const ID_HEADER: &str = "x-event-id";
/// The header of the event's kind, so that it can be told without reading the body.
const KIND_HEADER: &str = "x-event-kind";

/// Makes tries.
#[derive(Clone)]
pub struct Attempts {
    /// Posts.
    pub postman: Arc<dyn Postman>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws the pictures of QRs.
    pub draw: DrawQr,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The try.
    pub tried: Try,
    /// The wait that the receiver asks for.
    pub retry_after: Option<SignedDuration>,
    /// The beginning of what the receiver said.
    pub said: Vec<u8>,
    /// Why there was no answer, for the log.
    pub reason: Option<String>,
}

impl Attempts {
    /// Posts an event to a receiver, signed at this very time.
    pub async fn attempt(&self, receiver: &Receiver, event: &Event) -> Attempt {
        let at = self.clock.now();
        let body = body(event, receiver.format, self.draw);
        let headers = vec![
            (ID_HEADER, event.id.to_string()),
            (KIND_HEADER, event.kind.as_str().to_owned()),
            (SIGNATURE_HEADER, signature(receiver.secrets.good(at), at, &body.bytes)),
        ];
        let letter =
            Letter { url: receiver.url.clone(), content_type: body.content_type, headers, body: body.bytes };
        let answer = self.postman.post(letter).await;
        let now = self.clock.now();
        let took = now.duration_since(at).max(SignedDuration::ZERO);
        let took = SignedDuration::from_millis(i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
        match answer {
            Ok(answer) => Attempt {
                tried: Try { at, took, outcome: TryOutcome::Answered(answer.status) },
                retry_after: answer.retry_after.as_deref().and_then(|value| retry_after(value, now)),
                said: answer.body,
                reason: None,
            },
            Err(failed) => Attempt {
                tried: Try { at, took, outcome: TryOutcome::Failed(failed.failure) },
                retry_after: None,
                said: Vec::new(),
                reason: Some(failed.reason),
            },
        }
    }
}
