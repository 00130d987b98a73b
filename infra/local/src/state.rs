//! The directory of one local system: the emulated AWS's data, the simulator's, logs.

use crate::error::{Error, While};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A state directory, held by one system at a time.
#[derive(Debug)]
pub(crate) struct State {
    directory: PathBuf,
    /// The lock goes with the file, however the program ends.
    _lock: File,
}

impl State {
    /// Opens the directory, or makes it; `fresh` empties it first.
    pub(crate) fn open(directory: &Path, fresh: bool) -> Result<Self, Error> {
        std::fs::create_dir_all(directory).or_cannot(format!("make {}", directory.display()))?;
        let directory = directory.canonicalize().or_cannot(format!("open {}", directory.display()))?;
        let lock = File::create(directory.join("lock")).or_cannot(format!("lock {}", directory.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(format!(
                    "another Carteiro runs on {}: end it, or choose another state with --state-dir DIR",
                    directory.display()
                )));
            }
            Err(TryLockError::Error(error)) => {
                return Err(Error::new(format!("cannot lock {}: {error}", directory.display())));
            }
        }
        let state = Self { directory, _lock: lock };
        if fresh {
            state.empty()?;
        }
        for path in [state.logs(), state.aws(), state.temporary()] {
            std::fs::create_dir_all(&path).or_cannot(format!("make {}", path.display()))?;
        }
        Ok(state)
    }

    fn empty(&self) -> Result<(), Error> {
        for entry in std::fs::read_dir(&self.directory).or_cannot("list the old state")?.flatten() {
            let path = entry.path();
            let removed = match path.is_dir() {
                true => std::fs::remove_dir_all(&path),
                false if entry.file_name() == "lock" => Ok(()),
                false => std::fs::remove_file(&path),
            };
            removed.or_cannot(format!("remove {}", path.display()))?;
        }
        Ok(())
    }

    /// The directory itself, absolute.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where every part's log is.
    pub(crate) fn logs(&self) -> PathBuf {
        self.directory.join("logs")
    }

    /// A part's log.
    pub(crate) fn log(&self, part: &str) -> PathBuf {
        self.logs().join(format!("{part}.log"))
    }

    /// The programs that run.
    pub(crate) fn programs(&self) -> PathBuf {
        self.directory.join("bin")
    }

    /// What the emulated AWS keeps.
    pub(crate) fn aws(&self) -> PathBuf {
        self.directory.join("aws")
    }

    /// What the simulator keeps.
    pub(crate) fn simulator(&self) -> PathBuf {
        self.directory.join("simulator.json")
    }

    /// For the parts' temporary files, so that none stay elsewhere.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.directory.join("tmp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_system_at_a_time_and_fresh_is_empty() {
        let directory = std::env::temp_dir().join(format!("carteiro-state-{}", std::process::id()));
        let held = State::open(&directory, false).unwrap();
        std::fs::write(held.simulator(), "{}").unwrap();
        assert!(
            State::open(&directory, false).unwrap_err().to_string().starts_with("another Carteiro runs on")
        );
        drop(held);
        assert!(State::open(&directory, false).unwrap().simulator().exists());
        assert!(!State::open(&directory, true).unwrap().simulator().exists());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
