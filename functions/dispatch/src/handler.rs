//! One signal of the queue.

use carteiro_core::command::SendAccepted;
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{Dispatch, Dispatched};
use jiff::{SignedDuration, Timestamp};
use std::time::SystemTime;

/// What is kept of a run to hand the last send over and to answer, once its file is ready.
pub(crate) const SPARE: SignedDuration = SignedDuration::from_secs(5);

/// Dispatches a send, in a run that ends at `end`, and tells what became of it.
pub(crate) async fn handle(
    dispatch: &Dispatch,
    accepted: SendAccepted,
    end: SystemTime,
) -> Result<(), Unavailable> {
    let send_id = accepted.send_id;
    let until = Timestamp::try_from(end).unwrap_or(Timestamp::MAX).saturating_sub(SPARE);
    match dispatch.dispatch(&accepted, until.unwrap_or(Timestamp::MIN)).await? {
        Dispatched::Handed => tracing::info!(%send_id, "handed to its shard"),
        Dispatched::Scheduled(at) => tracing::info!(%send_id, %at, "ready for its time"),
        Dispatched::Nothing(status) => tracing::info!(%send_id, %status, "nothing to do"),
        Dispatched::Failed(failure) => tracing::warn!(%send_id, code = failure.code(), "the send has failed"),
        Dispatched::Unknown => tracing::error!(%send_id, "there is no such send"),
    }
    Ok(())
}
