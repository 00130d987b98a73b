//! Taking in an upload: block by block to a file, hashed on the way, kept as far as it came when it breaks off.

use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use sha2::Digest as _;

use super::answer;
use super::body::Pace;
use super::listener::Scissors;
use super::store::{Partial, Store};
use crate::faults::{Cut, MediaVerdict};
use crate::world::Server;

/// How many bytes are written at a time.
const BLOCK: usize = 256 << 10;

/// The largest file that is taken, in bytes: WhatsApp's own limit of 2 GiB.
const LARGEST: u64 = 2 << 30;

/// An upload that may begin.
pub(super) struct Upload {
    pub(super) kind: String,
    pub(super) token: String,
    pub(super) host: String,
    /// Where in the file the body begins.
    pub(super) offset: u64,
    /// The body's length.
    pub(super) length: u64,
    pub(super) verdict: MediaVerdict,
    pub(super) scissors: Scissors,
}

/// How a body ended.
enum Came {
    Whole,
    /// The client broke off, or a fault did.
    Short,
}

pub(super) async fn receive(server: &Server, upload: Upload, body: Body) -> Response {
    if upload.offset.saturating_add(upload.length) > LARGEST {
        return answer::refused(body, StatusCode::PAYLOAD_TOO_LARGE, "too large").await;
    }
    let begun = match upload.offset {
        0 => Partial::begin(),
        offset => match server.store.take_partial(&upload.token) {
            Some(partial) if partial.length == offset => Ok(partial),
            Some(partial) => {
                server.store.keep_partial(&upload.token, partial);
                return answer::refused(body, StatusCode::RANGE_NOT_SATISFIABLE, "not where it stopped")
                    .await;
            }
            None => {
                return answer::refused(body, StatusCode::RANGE_NOT_SATISFIABLE, "nothing to resume").await;
            }
        },
    };
    let partial = match begun {
        Ok(partial) => partial,
        Err(error) => {
            tracing::error!(%error, "no file for an upload");
            return answer::refused(body, StatusCode::INSUFFICIENT_STORAGE, "no space").await;
        }
    };
    let mut incoming = Incoming { store: &server.store, token: &upload.token, partial: Some(partial) };
    match incoming.take_in(&upload, body).await {
        Ok(Came::Whole) => {}
        Ok(Came::Short) => {
            server.change(|world| world.stats.media.broken_off += 1);
            upload.scissors.cut();
            return StatusCode::BAD_REQUEST.into_response();
        }
        Err(error) => {
            tracing::error!(%error, "an upload could not be written");
            return StatusCode::INSUFFICIENT_STORAGE.into_response();
        }
    }
    let finished =
        incoming.partial.take().and_then(|whole| server.store.finish(&upload.token, &upload.kind, whole));
    let Some(stored) = finished else {
        server.change(|world| world.stats.media.refused += 1);
        return answer::refused(Body::empty(), StatusCode::BAD_REQUEST, "the hash is another").await;
    };
    server.change(|world| {
        world.stats.media.uploads += 1;
        world.stats.media.resumed += u64::from(upload.offset > 0);
    });
    answer::stored(&upload.host, &stored)
}

/// A file on its way in. If the client vanishes, what came of it is kept.
struct Incoming<'a> {
    store: &'a Store,
    token: &'a str,
    partial: Option<Partial>,
}

impl Incoming<'_> {
    async fn take_in(&mut self, upload: &Upload, body: Body) -> io::Result<Came> {
        let until = match upload.verdict.cut {
            None => u64::MAX,
            Some(Cut::Half) => upload.length / 2,
            Some(Cut::After(bytes)) => bytes,
        };
        let mut pace = Pace::new(upload.verdict.bytes_per_second);
        let mut body = body.into_data_stream();
        let (mut came, mut held) = (0_u64, BytesMut::new());
        while came < upload.length {
            let Some(Ok(bytes)) = body.next().await else {
                self.write(held.split().freeze()).await?;
                return Ok(Came::Short);
            };
            pace.pass(bytes.len()).await;
            let room = usize::try_from(until - came).unwrap_or(usize::MAX).min(bytes.len());
            came += room as u64;
            held.extend_from_slice(&bytes[..room]);
            if came >= until {
                self.write(held.split().freeze()).await?;
                return Ok(Came::Short);
            }
            if held.len() >= BLOCK {
                self.write(held.split().freeze()).await?;
            }
        }
        self.write(held.freeze()).await?;
        Ok(Came::Whole)
    }

    async fn write(&mut self, block: Bytes) -> io::Result<()> {
        let Some(partial) = &mut self.partial else { return Ok(()) };
        let (file, at, bytes) = (Arc::clone(&partial.file), partial.length, block.clone());
        tokio::task::spawn_blocking(move || file.write_all_at(&bytes, at))
            .await
            .map_err(io::Error::other)??;
        partial.hasher.update(&block);
        partial.length += block.len() as u64;
        Ok(())
    }
}

impl Drop for Incoming<'_> {
    fn drop(&mut self) {
        if let Some(partial) = self.partial.take().filter(|partial| partial.length > 0) {
            self.store.keep_partial(self.token, partial);
        }
    }
}
