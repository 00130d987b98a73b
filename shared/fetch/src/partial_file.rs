//! Files that are there once they are whole.

use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWriteExt, BufWriter};

/// Gathers small pieces, such as those of a server that sends them byte by byte.
const BUFFER: usize = 64 * 1024;

/// A file that is being written and is removed when this is dropped before [`PartialFile::keep`].
pub(crate) struct PartialFile {
    file: BufWriter<File>,
    path: Option<PathBuf>,
}

impl PartialFile {
    /// Begins a file that only its owner may read, in place of one that is there.
    pub(crate) async fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).await?;
        Ok(Self { file: BufWriter::with_capacity(BUFFER, file), path: Some(path.to_owned()) })
    }

    /// Appends.
    pub(crate) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece).await
    }

    /// It is whole.
    pub(crate) async fn keep(mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.path = None;
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // It lies in a folder for temporary files: one that cannot be removed does no harm.
            drop(std::fs::remove_file(path));
        }
    }
}
