//! One record of a batch.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// A record came without its message id, so its failure could not be reported; the whole batch must come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of the batch has no messageId")]
pub struct NoMessageId;

/// A record that did not succeed, and must come again.
pub(crate) struct Failed<'a>(pub(crate) &'a str);

/// A record with what its failure is reported by.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) id: &'a str,
    message: &'a SqsMessage,
}

impl<'a> Record<'a> {
    /// Every record of a batch, in its order.
    pub(crate) fn all(event: &'a SqsEvent) -> Result<Vec<Self>, NoMessageId> {
        let record = |message: &'a SqsMessage| {
            message.message_id.as_deref().map(|id| Self { id, message }).ok_or(NoMessageId)
        };
        event.records.iter().map(record).collect()
    }

    /// Its message group. Records without one, which a FIFO queue never delivers, are one group, to be safe.
    pub(crate) fn group(&self) -> &'a str {
        self.message.attributes.get("MessageGroupId").map_or("", String::as_str)
    }

    /// How often it came out of the queue, as SQS says it; `?` where it does not.
    pub(crate) fn receives(&self) -> &'a str {
        self.message.attributes.get("ApproximateReceiveCount").map_or("?", String::as_str)
    }

    /// Parses the body and handles it. What fails is logged: never with the body, which is somebody's data.
    pub(crate) async fn handle<T, H, F, E>(self, handle: &H) -> Result<(), Failed<'a>>
    where
        T: DeserializeOwned,
        H: Fn(T) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        // serde_json quotes parts of the input in its errors, so only the kind of error is told.
        let body = match serde_json::from_str(self.message.body.as_deref().unwrap_or_default()) {
            Ok(body) => body,
            Err(error) => {
                let (message_id, receives) = (self.id, self.receives());
                tracing::error!(message_id, receives, kind = ?error.classify(), "the body is not a message");
                return Err(Failed(self.id));
            }
        };
        handle(body).await.map_err(|error| {
            tracing::warn!(message_id = self.id, receives = self.receives(), %error, "the record must come again");
            Failed(self.id)
        })
    }
}

/// The answer that names the failed records.
pub(crate) fn answer<'a>(failed: impl IntoIterator<Item = Failed<'a>>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for Failed(id) in failed {
        response.add_failure(id);
    }
    response
}
