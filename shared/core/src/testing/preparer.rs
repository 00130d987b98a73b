//! Files made ready without a look at them.

use crate::ids::SendId;
use crate::media::{FileKind, MediaKey, Prepared, Shape};
use crate::object::ObjectKey;
use crate::ports::{PrepareError, Preparer};
use crate::send::{File, Send};
use async_trait::async_trait;
use std::sync::{Mutex, PoisonError};

/// A [`Preparer`] that stores nothing: each file is ready at once, or fails as the test wants.
#[derive(Debug, Default)]
pub struct FakePreparer {
    failure: Mutex<Option<PrepareError>>,
    asked: Mutex<Vec<SendId>>,
}

impl FakePreparer {
    /// From now on every file fails with this; with `None`, none does.
    pub fn fail(&self, failure: Option<PrepareError>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// The sends whose files were to be made ready, in order.
    pub fn asked(&self) -> Vec<SendId> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Preparer for FakePreparer {
    async fn prepare(&self, send: &Send, file: &File) -> Result<Prepared, PrepareError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(send.id);
        if let Some(failure) = self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(failure);
        }
        let shape = match file.kind {
            FileKind::Image => Shape::Image { width: 4, height: 3 },
            FileKind::Audio => Shape::Voice { seconds: 1, waveform: [9; 64] },
            FileKind::Video => Shape::Video { seconds: None, size: None },
            FileKind::Document => Shape::Document,
        };
        Ok(Prepared {
            object: ObjectKey::outgoing(send.id),
            encrypted_length: 26,
            mime: "application/octet-stream".into(),
            key: MediaKey([1; 32]),
            sha256: [2; 32],
            encrypted_sha256: [3; 32],
            length: 1,
            sidecar: None,
            shape,
            thumbnail: None,
        })
    }
}
