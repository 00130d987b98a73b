//! One message of the queue.

use carteiro_core::ids::{ExportId, PrivacyId};
use carteiro_core::ports::Unavailable;
use carteiro_core::privacy::{PrivacyKind, PrivacyWanted};
use carteiro_core::report::ExportWanted;
use carteiro_core::usecase::{Ran, RanPrivacy, RunPrivacy, WriteExport};
use carteiro_telemetry::audit;
use serde::Deserialize;

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

/// What a message asks to be gone on with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Wanted {
    /// A report.
    Export(ExportWanted),
    /// An export of personal data, or its erasure.
    Privacy(PrivacyWanted),
}

/// What carries it out.
pub(crate) struct Worker {
    pub(crate) write: WriteExport,
    pub(crate) privacy: RunPrivacy,
}

/// Goes on with what a message asks for, for a run's time, and tells what came of it.
pub(crate) async fn handle(worker: &Worker, wanted: Wanted) -> Result<(), Again> {
    match wanted {
        Wanted::Export(ExportWanted { export_id }) => export(&worker.write, export_id).await,
        Wanted::Privacy(PrivacyWanted { privacy_id }) => privacy(&worker.privacy, privacy_id).await,
    }
}

/// What is erased is told in the audit trail, by counts alone.
async fn privacy(run: &RunPrivacy, operation_id: PrivacyId) -> Result<(), Again> {
    match run.run(operation_id).await? {
        RanPrivacy::Done(done) => {
            let user = done.user.map(|user| user.to_string()).unwrap_or_default();
            let what = match done.kind {
                PrivacyKind::Export => "privacy.exported",
                PrivacyKind::Erase => "privacy.erased",
            };
            audit("tenant", what, user, format_args!("operation={operation_id} {}", done.told()));
        }
        RanPrivacy::GoesOn => tracing::info!(%operation_id, "the operation goes on in another run"),
        RanPrivacy::Postponed(error) => tracing::warn!(%operation_id, %error, "the operation goes on later"),
        RanPrivacy::Failed(failure) => {
            tracing::error!(%operation_id, code = failure.code(), "the operation has failed");
        }
        RanPrivacy::Nothing => tracing::info!(%operation_id, "nothing to do"),
        RanPrivacy::Busy => return Err(Again::Busy),
    }
    Ok(())
}

async fn export(write: &WriteExport, export_id: ExportId) -> Result<(), Again> {
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
