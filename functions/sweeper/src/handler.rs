//! One run of the schedule, and alarms that ring.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use carteiro_core::command::Alarm;
use carteiro_core::ports::{Clock, Unavailable};
use carteiro_core::usecase::{Release, Sweep};
use carteiro_queue::NoMessageId;
use carteiro_telemetry::Longest;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// How many sends a run looks at: at 20 ms a send, what it has time for.
const MOST: usize = 2_000;
/// After how long a run begins no further send. The function's timeout is 50 s, and the next run comes after 60 s.
const TIME: SignedDuration = SignedDuration::from_secs(35);

/// The metric of how long the oldest send has waited that waits for no reason: none is told as nothing.
pub(crate) const OLDEST: &str = "OldestWaitingSendSeconds";

/// What starts a run.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Trigger {
    /// Alarms of the queue `wakes`.
    Alarms(SqsEvent),
    /// The minute. That it came is all there is to know of it.
    Minute(IgnoredAny),
}

/// Runs, and answers which alarms must ring again.
pub(crate) async fn handle(
    sweep: &Sweep,
    release: &Release,
    oldest: &Longest,
    clock: &dyn Clock,
    trigger: Trigger,
) -> Result<Option<SqsBatchResponse>, RunError> {
    let until = clock.now() + TIME;
    match trigger {
        Trigger::Alarms(batch) => {
            let answer = carteiro_queue::standard(&batch, |alarm| ring(release, alarm, until)).await?;
            Ok(Some(answer))
        }
        Trigger::Minute(_) => {
            minute(sweep, oldest, until).await?;
            Ok(None)
        }
    }
}

/// Why a run failed as a whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Batch(#[from] NoMessageId),
    #[error(transparent)]
    Store(#[from] Unavailable),
}

/// Releases what an alarm is for.
async fn ring(release: &Release, alarm: Alarm, until: Timestamp) -> Result<(), Unavailable> {
    let released = release.run(&alarm, until).await?;
    tracing::info!(
        number = alarm.number.masked(),
        at = %alarm.at,
        sends = released.sends,
        again = released.again,
        "scheduled sends released"
    );
    Ok(())
}

/// Sweeps once and tells what was done.
async fn minute(sweep: &Sweep, oldest: &Longest, until: Timestamp) -> Result<(), Unavailable> {
    let swept =
        sweep.run(MOST, until).await.inspect_err(|error| tracing::error!(%error, "nothing was swept"))?;
    oldest.take_in(0.0);
    oldest.tell();
    tracing::info!(
        rung = swept.rung,
        requeued = swept.requeued,
        expired = swept.expired,
        postponed = swept.postponed,
        settled = swept.settled,
        refused = swept.refused,
        unfinished = swept.unfinished,
        last_refusal = swept.last_refusal.map(tracing::field::display),
        "swept"
    );
    Ok(())
}
