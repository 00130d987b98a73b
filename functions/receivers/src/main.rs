//! The receivers function: tenants set their webhook, test it, renew its secret and take it away, and read and redrive what was
//! delivered to it.

mod deliveries;
mod event_id;
mod page_cursor;
mod receiver;
mod routes;
mod shown;
mod test_event;
#[cfg(test)]
mod tests;

use axum::Router;
use carteiro_aws::OsRandom;
use carteiro_aws::dynamo::{DynamoReceivers, DynamoStreams};
use carteiro_aws::sqs::SqsEventQueue;
use carteiro_core::usecase::{Attempts, DeliveryLog, ReceiverBook, SetReceiver};
use carteiro_fetch::{Fetcher, Poster};
use carteiro_http::routes::Function;
use carteiro_start::Start;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Receivers, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, carteiro_start::Error> {
    let (settings, aws) = (&start.settings, &start.aws);
    let (clock, random) = (start.clock.clone(), Arc::new(OsRandom));
    let table = settings.text("CARTEIRO_WEBHOOKS_TABLE")?;
    let queue_url = settings.text("CARTEIRO_EVENTS_QUEUE_URL")?;
    let fetcher = Fetcher::of_settings(settings, Poster::DEADLINES)?;
    let receivers = Arc::new(DynamoReceivers::new(aws.dynamo(), &table));
    let attempts = Attempts {
        postman: Arc::new(Poster::new(fetcher)),
        clock: clock.clone(),
        draw: |text| carteiro_qr::png_data_uri(text).ok(),
    };
    let app = routes::App {
        set: SetReceiver { receivers: receivers.clone(), clock: clock.clone(), random: random.clone() },
        book: ReceiverBook { receivers: receivers.clone(), random, attempts },
        log: DeliveryLog {
            receivers,
            deliveries: Arc::new(DynamoStreams::new(aws.dynamo(), table)),
            queue: Arc::new(SqsEventQueue::new(aws.sqs(), queue_url)),
            clock,
        },
    };
    Ok(routes::router(app, start.gate()?)?)
}
