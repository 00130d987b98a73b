//! Uploads encrypted files to WhatsApp's media server, piece by piece.

use crate::error::UploadError;
use crate::file::{FileSource, OutgoingFile, SourceError, UploadedFile, announce, media_type};
use bytes::{Buf, Bytes};
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use wacore::upload::{EncryptedMediaInfo, UploadSource};
use whatsapp_rust::http::HttpStatusError;
use whatsapp_rust::{Client, anyhow};

/// How much of a file is read at a time. One piece is on its way out while the next one is read.
const PIECE: u64 = 1024 * 1024;

/// Uploads a file, anew or from where an earlier try ended. Dropping the future ends the upload: its next piece is not there.
pub(crate) async fn upload(
    client: Arc<Client>,
    file: OutgoingFile,
    limit: Duration,
) -> Result<UploadedFile, UploadError> {
    let (_alive, ended) = watch::channel(());
    let failure = Arc::new(OnceLock::new());
    let source = Ciphertext {
        source: file.source.clone(),
        length: file.prepared.encrypted_length,
        failure: failure.clone(),
        ended,
        runtime: Handle::current(),
    };
    let info = EncryptedMediaInfo {
        media_key: file.prepared.key.0,
        file_sha256: file.prepared.sha256,
        file_enc_sha256: file.prepared.encrypted_sha256,
        file_length: file.prepared.length,
        streaming_sidecar: file.prepared.sidecar.clone(),
    };
    let kind = media_type(&file.prepared.shape);
    match timeout(limit, client.upload_stream(source, info, kind)).await {
        Ok(Ok(response)) => Ok(announce(response, &file)),
        Ok(Err(error)) => Err(upload_error(&error, failure.get().copied(), &client)),
        Err(_) => Err(UploadError::Failed),
    }
}

/// The library's error may name addresses with what permits the upload in them: only its kind is kept.
fn upload_error(error: &anyhow::Error, source: Option<SourceError>, client: &Client) -> UploadError {
    let status = error.chain().find_map(|cause| cause.downcast_ref::<HttpStatusError>());
    match (source, status) {
        (Some(source), _) => UploadError::Source(source),
        (None, Some(refused)) => UploadError::Refused(refused.status),
        (None, None) if !client.is_connected() => UploadError::NotConnected,
        (None, None) => UploadError::Failed,
    }
}

struct Ciphertext {
    source: Arc<dyn FileSource>,
    length: u64,
    failure: Arc<OnceLock<SourceError>>,
    /// Closes when nobody waits for the upload any more.
    ended: watch::Receiver<()>,
    runtime: Handle,
}

impl UploadSource for Ciphertext {
    fn len(&self) -> u64 {
        self.length
    }

    fn reader_from(&self, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let (sender, pieces) = mpsc::channel(1);
        let left = self.length.saturating_sub(offset);
        let (source, failure, mut ended) = (self.source.clone(), self.failure.clone(), self.ended.clone());
        self.runtime.spawn(async move {
            tokio::select! {
                _ = ended.changed() => {}
                () = fetch(source, offset, left, failure, sender) => {}
            }
        });
        Ok(Box::new(Pieces { pieces, piece: Bytes::new(), left }))
    }
}

/// Reads ahead by one piece.
async fn fetch(
    source: Arc<dyn FileSource>,
    mut offset: u64,
    mut left: u64,
    failure: Arc<OnceLock<SourceError>>,
    pieces: mpsc::Sender<Bytes>,
) {
    while left > 0 {
        let Ok(room) = pieces.reserve().await else { return };
        let read = source.read(offset, left.min(PIECE)).await;
        match read {
            Ok(piece) if !piece.is_empty() && piece.len() as u64 <= left => {
                offset += piece.len() as u64;
                left -= piece.len() as u64;
                room.send(piece);
            }
            other => {
                // Shorter or longer than it was said to be, it is another file.
                let _ = failure.set(other.err().unwrap_or(SourceError::Gone));
                return;
            }
        }
    }
}

/// The pieces as the library's HTTP client reads them, on a thread that may wait.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    piece: Bytes,
    left: u64,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        while self.piece.is_empty() {
            self.piece = self.pieces.blocking_recv().ok_or(io::ErrorKind::UnexpectedEof)?;
        }
        let count = self.piece.len().min(buffer.len());
        self.piece.copy_to_slice(&mut buffer[..count]);
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A file of so many bytes, and how much of it was read.
    struct Measured {
        length: u64,
        read: AtomicU64,
        ends_at: u64,
    }

    #[async_trait]
    impl FileSource for Measured {
        async fn read(&self, offset: u64, length: u64) -> Result<Bytes, SourceError> {
            assert!(length <= PIECE);
            let end = (offset + length).min(self.length).min(self.ends_at);
            self.read.store(end, Ordering::SeqCst);
            Ok((offset..end).map(|at| (at % 251) as u8).collect::<Vec<u8>>().into())
        }
    }

    fn measured(length: u64, ends_at: u64) -> (Arc<Measured>, Ciphertext, watch::Sender<()>) {
        let source = Arc::new(Measured { length, read: AtomicU64::new(0), ends_at });
        let (alive, ended) = watch::channel(());
        let ciphertext = Ciphertext {
            source: source.clone(),
            length,
            failure: Arc::default(),
            ended,
            runtime: Handle::current(),
        };
        (source, ciphertext, alive)
    }

    #[tokio::test]
    async fn a_file_is_read_from_any_place_and_never_far_ahead() {
        let length = 3 * PIECE + 17;
        let (source, ciphertext, _alive) = measured(length, length);
        let read = tokio::task::spawn_blocking(move || {
            let mut whole = Vec::new();
            let mut reader = ciphertext.reader_from(1_000).unwrap();
            let mut block = [0; 40_000];
            loop {
                let count = reader.read(&mut block).unwrap();
                if count == 0 {
                    return whole;
                }
                whole.extend_from_slice(&block[..count]);
                let ahead = source.read.load(Ordering::SeqCst).saturating_sub(1_000 + whole.len() as u64);
                assert!(ahead <= 3 * PIECE, "{ahead} bytes ahead");
            }
        });
        let read = read.await.unwrap();
        assert_eq!(read.len() as u64, length - 1_000);
        assert!(read.iter().enumerate().all(|(at, byte)| *byte == ((at as u64 + 1_000) % 251) as u8));
    }

    #[tokio::test]
    async fn a_file_that_ends_early_is_gone_and_not_sent_short() {
        let (_source, ciphertext, _alive) = measured(2 * PIECE, PIECE + 5);
        let failure = ciphertext.failure.clone();
        let read = tokio::task::spawn_blocking(move || {
            ciphertext.reader_from(0).unwrap().read_to_end(&mut Vec::new()).map_err(|error| error.kind())
        });
        assert_eq!(read.await.unwrap(), Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(failure.get(), Some(&SourceError::Gone));
    }

    #[tokio::test]
    async fn an_upload_that_nobody_waits_for_ends() {
        let (_source, ciphertext, alive) = measured(100 * PIECE, 100 * PIECE);
        drop(alive);
        let read = tokio::task::spawn_blocking(move || {
            ciphertext.reader_from(0).unwrap().read_to_end(&mut Vec::new()).map_err(|error| error.kind())
        });
        assert_eq!(read.await.unwrap(), Err(io::ErrorKind::UnexpectedEof));
    }
}
