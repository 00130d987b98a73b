//! One message of the queue.

use carteiro_core::bulk::BulkWanted;
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{RanBulk, RunBulk};
use jiff::Timestamp;

/// How often a message comes of whose operation nothing is known yet. It is put in the queue after the operation is stored.
const STRANGE: u32 = 2;

/// Why a message must come again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Again {
    /// Another run is at the operation. Should it end badly, this message goes on with it.
    #[error("another run is at it")]
    Busy,
    /// There is no such operation.
    #[error("there is no such operation")]
    Unknown,
    /// Nothing could be done.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Takes an operation's turn, until shortly before `until` at most, and tells what came of it.
pub(crate) async fn take_turn(
    run: &RunBulk,
    wanted: BulkWanted,
    receives: u32,
    until: Timestamp,
) -> Result<(), Again> {
    let (operation_id, turn) = (wanted.operation_id, wanted.turn);
    match run.run(&wanted, until).await? {
        RanBulk::Done => tracing::info!(%operation_id, turn, "the operation is done"),
        RanBulk::GoesOn(made) => {
            tracing::info!(%operation_id, turn, made, "the operation goes on in another run")
        }
        RanBulk::Paused => tracing::info!(%operation_id, turn, "the operation is paused"),
        RanBulk::Cancelled(sends) => tracing::info!(%operation_id, turn, sends, "the operation is cancelled"),
        RanBulk::Failed(failure) => {
            tracing::warn!(%operation_id, turn, code = failure.code(), "the operation has failed");
        }
        RanBulk::Postponed(error) => {
            tracing::warn!(%operation_id, turn, %error, "the operation goes on later")
        }
        RanBulk::Nothing => tracing::info!(%operation_id, turn, "nothing to do"),
        RanBulk::Busy => return Err(Again::Busy),
        RanBulk::Unknown if receives < STRANGE => return Err(Again::Unknown),
        RanBulk::Unknown => tracing::warn!(%operation_id, turn, "there is no such operation"),
    }
    Ok(())
}
