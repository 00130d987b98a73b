//! Files: brought to WhatsApp's media server beside the actor, one after the other, each before its turn to be written.
//!
//! What stands behind a file waits for it, so that a number's sends keep their order; acknowledgements, receipts and an order
//! to stop do not. What was uploaded and not written when the process dies is uploaded again: until a send is written it can
//! be cancelled, and nothing of it is stored.

use super::line::{Entry, Place};
use super::recording::{Outcome, Recorded};
use super::{Actor, Setback};
use crate::stored_file::StoredFile;
use carteiro_core::ids::SendId;
use carteiro_core::object::ObjectKey;
use carteiro_core::send::{Content, Failure, File, Send, Status};
use carteiro_engine::{OutgoingFile, SourceError, UploadError, UploadedFile};
use std::sync::Arc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

/// How often the media server may refuse a file before its send fails.
const REFUSALS: u32 = 3;
/// How often a send goes back to be prepared when its file is not there.
const PREPARATIONS: u32 = 3;

/// The upload that is under way: that of the first send of the line. Dropping it ends it.
pub(super) struct Upload {
    id: SendId,
    running: JoinSet<Result<UploadedFile, UploadError>>,
}

/// How an upload ended.
pub(super) type Uploaded = Result<Result<UploadedFile, UploadError>, JoinError>;

impl Upload {
    /// Whether it is the file of this send.
    pub(super) fn is_of(&self, id: SendId) -> bool {
        self.id == id
    }
}

impl Actor {
    /// Whether the send's file must be uploaded before it can be written.
    pub(super) fn lacks_upload(&self, send: &Send) -> bool {
        let has = self.line.get(send.id).is_some_and(|entry| entry.uploaded.is_some());
        matches!(send.content, Content::File(_)) && !has
    }

    /// Begins to upload a send's file.
    pub(super) async fn upload(&mut self, send: &Send) -> Result<(), Setback> {
        let Content::File(File { caption, name, .. }) = &send.content else { return Ok(()) };
        // Read anew for each try: meanwhile the file may have been prepared again, under another key.
        let Some(prepared) = self.shared.preparations.find(send.id).await? else {
            self.file_is_gone(send.id);
            return Ok(());
        };
        let Some(live) = &self.live else { return Err(Setback::Later(Entry::next_try(1))) };
        let source = Arc::new(StoredFile::new(self.shared.objects.clone(), prepared.object.clone()));
        let (caption, name) = (caption.clone(), name.clone());
        let upload = live.connection.upload(OutgoingFile { prepared, source, caption, name });
        let room = self.shared.uploads.clone();
        let mut running = JoinSet::new();
        running.spawn(async move {
            // The semaphore is never closed.
            let _room = room.acquire_owned().await;
            upload.await
        });
        if let Some(entry) = self.line.get_mut(send.id) {
            entry.begun_at.get_or_insert_with(Instant::now);
        }
        self.upload = Some(Upload { id: send.id, running });
        Ok(())
    }

    pub(super) fn on_uploaded(&mut self, id: SendId, outcome: Uploaded) {
        let patience = self.shared.timing.patience;
        let Some(entry) = self.line.get_mut(id).filter(|entry| entry.place == Place::Waiting) else { return };
        let error = match outcome {
            Ok(Ok(file)) => {
                entry.uploaded = Some(file);
                self.step_at = Instant::now();
                return;
            }
            Ok(Err(error)) => error,
            // It broke: no reason to try for ever.
            Err(_) => UploadError::Failed,
        };
        tracing::warn!(send_id = %id, number = self.number.masked(), %error, "not uploaded");
        let failures = match error {
            // That there is no connection is no fault of the send.
            UploadError::NotConnected => 1,
            UploadError::Source(SourceError::Gone) => return self.file_is_gone(id),
            UploadError::Refused(status) if is_refusal(status) => {
                entry.refusals += 1;
                if entry.refusals >= REFUSALS {
                    return self.fail(id, Failure::MediaRefused);
                }
                entry.refusals
            }
            UploadError::Refused(_) | UploadError::Failed | UploadError::Source(SourceError::Unavailable) => {
                entry.troubles += 1;
                if entry.is_stuck(entry.troubles, patience) {
                    return self.set_aside(id);
                }
                entry.troubles
            }
        };
        self.step_at = Instant::now() + Entry::next_try(failures);
    }

    /// What was prepared of a file is not there: too old, or never stored. A send that was never written goes back to be
    /// prepared anew, some times; by way of the sweeper, since only that puts sends in line for preparation, and without the note of what
    /// was prepared, since what stands there is not prepared again.
    fn file_is_gone(&mut self, id: SendId) {
        let send = self.line.get(id).and_then(|entry| entry.send.as_ref());
        let again = send.is_some_and(|send| send.status == Status::Queued && send.requeues < PREPARATIONS);
        if again {
            tracing::warn!(send_id = %id, number = self.number.masked(), "its file is not there; it is prepared again");
            self.conclude(id, Outcome::Unprepared(self.shared.clock.now()));
        } else {
            self.fail(id, Failure::MediaGone);
        }
    }

    /// Deletes the ciphertext of a file that is at its recipient's. If that fails, it goes with its time.
    pub(super) fn discard(&mut self, id: SendId) {
        let objects = self.shared.objects.clone();
        self.recording.spawn(async move {
            if let Err(error) = objects.delete(&ObjectKey::outgoing(id)).await {
                tracing::warn!(send_id = %id, %error, "a file that was sent was not deleted");
            }
            Recorded::Aside
        });
    }
}

/// Whether a status says that the file is not wanted, rather than that the server has trouble.
fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status) && status != 408 && status != 429
}

/// The end of the upload that is under way; never, without one.
pub(super) async fn next_upload(upload: &mut Option<Upload>) -> (SendId, Uploaded) {
    let Some(Upload { id, running }) = upload else { return std::future::pending().await };
    let id = *id;
    match running.join_next().await {
        Some(outcome) => {
            *upload = None;
            (id, outcome)
        }
        None => std::future::pending().await,
    }
}
