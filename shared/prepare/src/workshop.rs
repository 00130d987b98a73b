//! Where files are worked on: how many at a time, and in which folders.

use carteiro_core::ports::Unavailable;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many files are on disk at a time. One takes twice its size at most, 200 MB.
const FILES: usize = 4;
/// How many are decoded and encoded at a time: that takes memory and a whole processor.
const BENCHES: usize = 1;
/// What the names of our folders begin with.
const PREFIX: &str = "carteiro-file-";
/// A folder that is older belongs to a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3_600);

/// The folders of a process.
pub(crate) struct Workshop {
    scratch: PathBuf,
    files: Arc<Semaphore>,
    benches: Arc<Semaphore>,
}

/// A place for one file: its folder is gone, and the place free, once nobody holds it any more.
pub(crate) struct Place {
    folder: TempDir,
    _room: OwnedSemaphorePermit,
}

impl Place {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Workshop {
    /// In the folder `scratch`, where what killed processes have left behind is taken away.
    pub(crate) fn new(scratch: PathBuf) -> Self {
        clear(&scratch);
        Self { scratch, files: Arc::new(Semaphore::new(FILES)), benches: Arc::new(Semaphore::new(BENCHES)) }
    }

    /// A place, as soon as there is one.
    pub(crate) async fn place(&self, within: Duration) -> Result<Arc<Place>, Unavailable> {
        let room = room(&self.files, within).await?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&self.scratch);
        let folder = folder.map_err(|error| of_disk(&error))?;
        Ok(Arc::new(Place { folder, _room: room }))
    }

    /// A bench for the codecs, as soon as there is one.
    pub(crate) async fn bench(&self, within: Duration) -> Result<OwnedSemaphorePermit, Unavailable> {
        room(&self.benches, within).await
    }
}

async fn room(of: &Arc<Semaphore>, within: Duration) -> Result<OwnedSemaphorePermit, Unavailable> {
    let busy = || Unavailable::new("prepare", "other files are being worked on");
    timeout(within, Arc::clone(of).acquire_owned()).await.map_err(|_| busy())?.map_err(|_| busy())
}

/// A failure of this machine's disk.
pub(crate) fn of_disk(error: &io::Error) -> Unavailable {
    Unavailable::new("prepare on disk", error.to_string())
}

/// Takes away abandoned folders. What cannot be taken away stays: it is in nobody's way but the disk's.
fn clear(scratch: &Path) {
    let Ok(entries) = std::fs::read_dir(scratch) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if ours && age.is_some_and(|age| age > ABANDONED) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    #[tokio::test]
    async fn a_folder_goes_with_its_last_holder_and_gives_its_place_back() {
        let scratch = tempfile::tempdir().unwrap();
        let workshop = Workshop::new(scratch.path().to_owned());
        let mut places = Vec::new();
        for _ in 0..FILES {
            places.push(workshop.place(Duration::ZERO).await.unwrap());
        }
        let held = Arc::clone(&places[0]);
        fs::write(held.folder().join("arquivo"), "x").unwrap();
        places.remove(0);
        assert!(workshop.place(Duration::from_millis(5)).await.is_err(), "it is still held");
        let folder = held.folder().to_owned();
        drop(held);
        assert!(!folder.exists());
        workshop.place(Duration::ZERO).await.unwrap();
        drop(places);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_abandoned_folders_of_ours_are_taken_away() {
        let scratch = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - ABANDONED - Duration::from_secs(60);
        for (name, is_old) in [("carteiro-file-a", true), ("carteiro-file-b", false), ("alheio", true)] {
            let folder = scratch.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("arquivo"), "x").unwrap();
            if is_old {
                File::open(&folder).unwrap().set_modified(old).unwrap();
            }
        }
        clear(scratch.path());
        let mut left: Vec<_> =
            fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["alheio", "carteiro-file-b"]);
        clear(&scratch.path().join("nenhum"));
    }
}
