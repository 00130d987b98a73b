//! One signal of the queue.

use carteiro_core::usecase::{DeliverStream, Delivering, NotNow};
use carteiro_core::webhook::{StreamSignal, TryOutcome};
use carteiro_telemetry::Longest;
use jiff::Timestamp;
use std::time::SystemTime;

/// The metric of how long an event has waited for its first try.
pub(crate) const LAG: &str = "WebhookLagSeconds";

/// Delivers a stream, in a run that ends at `end`, and tells what came of it: never the address of the receiver, nor what it
/// was told. `receives` counts how often the signal came out of the queue.
pub(crate) async fn handle(
    deliver: &DeliverStream,
    lag: &Longest,
    signal: StreamSignal,
    receives: u32,
    end: SystemTime,
) -> Result<(), NotNow> {
    let end = Timestamp::try_from(end).unwrap_or(Timestamp::MAX);
    let (tenant, receiver) = (signal.stream.user, signal.stream.receiver);
    let done = deliver.run(&signal, receives > 1, end).await;
    lag.tell();
    match done? {
        Delivering::Drained(delivered) => {
            tracing::info!(%tenant, %receiver, delivered, "the stream is delivered");
        }
        Delivering::GoesOn(delivered) => {
            tracing::info!(%tenant, %receiver, delivered, "the stream goes on in another run");
        }
        Delivering::Postponed { delivered, outcome, reason, wait } => {
            let wait = wait.as_secs();
            let (status, failure) = match outcome {
                TryOutcome::Answered(status) => (Some(status), None),
                TryOutcome::Failed(failure) => (None, Some(failure.code())),
            };
            let what = "the receiver did not take it; it is tried again";
            tracing::warn!(%tenant, %receiver, delivered, status, failure, reason, wait, "{what}");
        }
        Delivering::Waiting => tracing::info!(%tenant, %receiver, "the receiver is not tried yet"),
        Delivering::Held => tracing::info!(%tenant, %receiver, "another run holds the stream"),
    }
    Ok(())
}
