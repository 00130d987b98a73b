//! One message of the queue.

use carteiro_core::ports::Unavailable;
use carteiro_core::report::ExportWanted;
use carteiro_core::usecase::{Ran, WriteExport};

/// Why a message must come again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Again {
    /// Another run is at the export. Should it end badly, this message goes on with it.
    #[error("another run is at it")]
    Busy,
    /// Nothing could be done.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Writes an export for a run's time and tells what came of it.
pub(crate) async fn handle(write: &WriteExport, wanted: ExportWanted) -> Result<(), Again> {
    let export_id = wanted.export_id;
    match write.run(export_id).await? {
        Ran::Ready(rows) => tracing::info!(%export_id, rows, "the export is ready"),
        Ran::GoesOn(rows) => tracing::info!(%export_id, rows, "the export goes on in another run"),
        Ran::Postponed(error) => tracing::warn!(%export_id, %error, "the export goes on later"),
        Ran::Failed(failure) => tracing::error!(%export_id, code = failure.code(), "the export has failed"),
        Ran::Nothing => tracing::info!(%export_id, "nothing to do"),
        Ran::Busy => return Err(Again::Busy),
    }
    Ok(())
}
