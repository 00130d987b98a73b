//! Making files ready for WhatsApp.

use super::Unavailable;
use crate::media::Prepared;
use crate::send::{Failure, File, Send};
use async_trait::async_trait;

/// Why a file was not made ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// It never will be: its address, its content or its size is at fault.
    #[error("{}", .0.code())]
    Failed(Failure),
    /// A store of ours did not answer. Trying again may help.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Makes files ready for WhatsApp.
#[async_trait]
pub trait Preparer: std::marker::Send + Sync + 'static {
    /// Fetches the file of a send, makes what WhatsApp wants of it, encrypts it, and stores the ciphertext. Takes no
    /// longer than [`PREPARE_TIME`](crate::usecase::PREPARE_TIME). Safe to repeat: what was stored before is replaced.
    async fn prepare(&self, send: &Send, file: &File) -> Result<Prepared, PrepareError>;
}
