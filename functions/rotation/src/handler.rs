//! One step of a rotation.

use carteiro_core::usecase::{RotateKey, Rotated, RotationError, RotationStep};
use serde::Deserialize;

/// What Secrets Manager asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wanted {
    step: RotationStep,
    secret_id: String,
    client_request_token: String,
}

/// Why a step was not done. Secrets Manager shows it, and tries again later.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is not the secret that this function looks after.
    #[error("this function rotates another secret")]
    Stranger,
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] RotationError),
}

/// Does a step, if it is asked for the secret that this function looks after, and tells what came of it.
pub(crate) async fn handle(rotate: &RotateKey, secret: &str, wanted: &Wanted) -> Result<(), Refused> {
    let step = wanted.step;
    if wanted.secret_id != secret {
        tracing::error!(?step, "asked to rotate another secret");
        return Err(Refused::Stranger);
    }
    match rotate.take(step, &wanted.client_request_token).await {
        Ok(Rotated::Done) => tracing::info!(?step, "the step is done"),
        Ok(Rotated::Nothing) => tracing::info!(?step, "nothing to do"),
        Err(error) => {
            tracing::error!(?step, %error, "the step was not done");
            return Err(error.into());
        }
    }
    Ok(())
}
