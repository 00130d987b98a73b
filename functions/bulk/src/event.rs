//! Telling the two kinds of events apart.

use crate::turn::take_turn;
use aws_lambda_events::sqs::SqsEvent;
use axum::Router;
use carteiro_core::usecase::RunBulk;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

/// What answers every event.
pub(crate) struct Handler {
    pub(crate) router: Router,
    pub(crate) run: RunBulk,
}

impl Handler {
    /// A batch of the queue has records; all else is a request.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        if event.payload.get("Records").is_none() {
            return carteiro_http::respond(self.router.clone(), event).await;
        }
        let until = Timestamp::try_from(event.context.deadline())?;
        let batch: SqsEvent = serde_json::from_value(event.payload)?;
        let handle = |wanted, receives| take_turn(&self.run, wanted, receives, until);
        Ok(serde_json::to_value(carteiro_queue::standard_counted(&batch, handle).await?)?)
    }
}
