//! One run of the schedule.

use carteiro_core::ports::{Clock, Unavailable};
use carteiro_core::usecase::Sweep;
use jiff::SignedDuration;

/// How many sends a run looks at: at 20 ms a send, what it has time for.
const MOST: usize = 2_000;
/// After how long a run begins no further send. The function's timeout is 50 s, and the next run comes after 60 s.
const TIME: SignedDuration = SignedDuration::from_secs(35);

/// Sweeps once and tells what was done.
pub(crate) async fn handle(sweep: &Sweep, clock: &dyn Clock) -> Result<(), Unavailable> {
    let swept = sweep
        .run(MOST, clock.now() + TIME)
        .await
        .inspect_err(|error| tracing::error!(%error, "nothing was swept"))?;
    tracing::info!(
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
