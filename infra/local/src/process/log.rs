//! The log file of a part.

use crate::error::{Error, While};
use std::fs::{File, OpenOptions};
use std::path::Path;

/// What a log may grow to, in bytes, before a start puts it aside as `.old`.
const LARGE: u64 = 20 * 1024 * 1024;

/// Opens a log to append to.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    if path.metadata().is_ok_and(|found| found.len() > LARGE) {
        let _ = std::fs::rename(path, path.with_extension("log.old"));
    }
    OpenOptions::new().create(true).append(true).open(path).or_cannot(format!("write {}", path.display()))
}

/// The last line that says something, to show when a part ended.
pub(crate) fn last_line(path: &Path) -> Option<String> {
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    text.lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .map(|line| line.chars().take(300).collect())
}
