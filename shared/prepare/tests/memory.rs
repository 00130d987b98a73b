//! How much memory the largest document takes from end to end: one test alone in its process, since it watches the whole process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

use async_trait::async_trait;
use carteiro_core::ids::{SendId, UploadId, UserId};
use carteiro_core::media::FileKind;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, Objects, Preparer, StoredObject, Unavailable};
use carteiro_core::send::{Content, File, Send, Source};
use carteiro_core::testing::SeededRandom;
use carteiro_fetch::{Deadlines, Fetcher};
use carteiro_prepare::FilePreparer;
use jiff::Timestamp;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MB: u64 = 1024 * 1024;
/// What a function of Lambda may take for the whole of it.
const MOST: u64 = 256 * MB;

/// Objects as files: a store that takes none of this process's memory.
struct Folder(PathBuf);

impl Folder {
    fn path(&self, key: &ObjectKey) -> PathBuf {
        self.0.join(key.as_str().replace('/', "-"))
    }
}

#[async_trait]
impl Objects for Folder {
    async fn put(&self, key: &ObjectKey, body: ObjectBody, _: &str) -> Result<(), Unavailable> {
        match body {
            ObjectBody::File(path) => fs::copy(path, self.path(key)).map(|_| ()).unwrap(),
            ObjectBody::Bytes(bytes) => fs::write(self.path(key), bytes).unwrap(),
        }
        Ok(())
    }

    async fn find(&self, _: &ObjectKey) -> Result<Option<StoredObject>, Unavailable> {
        panic!("nobody asks")
    }

    async fn download(&self, key: &ObjectKey, to: &Path) -> Result<Option<u64>, Unavailable> {
        Ok(Some(fs::copy(self.path(key), to).unwrap()))
    }

    async fn read(&self, _: &ObjectKey, _: u64, _: u64) -> Result<Option<bytes::Bytes>, Unavailable> {
        panic!("nobody asks")
    }

    async fn delete(&self, _: &ObjectKey) -> Result<(), Unavailable> {
        panic!("nobody asks")
    }
}

/// The most memory that the process ever had, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_document_of_a_hundred_megabytes_stays_under_256() {
    let (store, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let objects = Arc::new(Folder(store.path().to_owned()));
    let (user, upload) = (UserId::from_random([1; 16]), UploadId::from_random([2; 16]));
    let mut file = fs::File::create(objects.path(&ObjectKey::upload(user, upload))).unwrap();
    let piece = vec![b'x'; MB as usize];
    for _ in 0..100 {
        file.write_all(&piece).unwrap();
    }
    drop(file);

    let fetcher = Fetcher::new(Deadlines::default());
    let random = Arc::new(SeededRandom::default());
    let preparer = FilePreparer::new(fetcher, objects, random, scratch.path().to_owned());
    let source = Source::Upload(upload);
    let file = File { kind: FileKind::Document, source, caption: None, name: None };
    let (from, to): (_, carteiro_core::phone::Phone) =
        ("5511988887777".parse().unwrap(), "5511966665555".parse().unwrap());
    let content = Content::File(file.clone());
    let send = Send::new(SendId::from_random([3; 16]), user, from, to, content, Timestamp::UNIX_EPOCH);

    let before = peak();
    let prepared = preparer.prepare(&send, &file).await.unwrap();
    let (whole, grown) = (peak(), peak() - before);
    assert_eq!(prepared.length, 100 * MB);
    println!("100 MB: {} MB in all, grown by {} KiB", whole / MB, grown / 1024);
    assert!(whole < MOST, "{whole} bytes");

    // The meter would have seen it: the same file held in memory.
    let held = fs::read(store.path().join(format!("outgoing-{}", send.id))).unwrap();
    assert!(peak() - before > 90 * MB, "{} bytes held", held.len());
}
