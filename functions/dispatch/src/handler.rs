//! One signal of the queue.

use carteiro_core::command::SendAccepted;
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{Dispatch, Dispatched};

/// Dispatches a send and tells what became of it.
pub(crate) async fn handle(dispatch: &Dispatch, accepted: SendAccepted) -> Result<(), Unavailable> {
    let send_id = accepted.send_id;
    match dispatch.dispatch(&accepted).await? {
        Dispatched::Handed => tracing::info!(%send_id, "handed to its shard"),
        Dispatched::Nothing(status) => tracing::info!(%send_id, %status, "nothing to do"),
        Dispatched::Failed(failure) => tracing::warn!(%send_id, code = failure.code(), "the send has failed"),
        Dispatched::Unknown => tracing::error!(%send_id, "there is no such send"),
    }
    Ok(())
}
