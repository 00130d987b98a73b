//! Bodies that are never in memory as a whole, and their pace.

use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use tokio::sync::mpsc;

/// How much of a body is in flight: blocks of so many bytes, so many of them.
const BLOCK: usize = 64 << 10;
const BLOCKS: usize = 4;

/// How fast bytes may pass.
pub(crate) struct Pace {
    started: Instant,
    passed: u64,
    bytes_per_second: Option<u64>,
}

impl Pace {
    /// No faster than this; as fast as they come when there is no limit.
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Self {
        Self {
            started: Instant::now(),
            passed: 0,
            bytes_per_second: bytes_per_second.filter(|rate| *rate > 0),
        }
    }

    /// Waits until these bytes were due.
    pub(crate) async fn pass(&mut self, bytes: usize) {
        self.passed += bytes as u64;
        let Some(rate) = self.bytes_per_second else { return };
        let due = Duration::from_secs_f64(self.passed as f64 / rate as f64);
        tokio::time::sleep_until((self.started + due).into()).await;
    }
}

/// A body made of what the work writes, block by block, on a thread that may wait. An error breaks the body off, so
/// that no client takes it for whole.
pub(crate) fn streamed(
    pace: Pace,
    work: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Body {
    let (sender, receiver) = mpsc::channel(BLOCKS);
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(BLOCK, Blocks(sender.clone()));
        if let Err(error) = work(&mut out).and_then(|()| out.flush()) {
            let _ = sender.blocking_send(Err(error));
        }
    });
    Body::from_stream(futures_util::stream::unfold((receiver, pace), |(mut receiver, mut pace)| async move {
        let block: io::Result<Bytes> = receiver.recv().await?;
        if let Ok(block) = &block {
            pace.pass(block.len()).await;
        }
        Some((block, (receiver, pace)))
    }))
}

struct Blocks(mpsc::Sender<io::Result<Bytes>>);

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let block = Bytes::copy_from_slice(bytes);
        self.0.blocking_send(Ok(block)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
