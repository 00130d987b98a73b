//! The contract of [`Objects`]: private files.

use crate::samples::random;
use crate::support::bucket::Bucket;
use bytes::Bytes;
use carteiro_core::ids::{SendId, UploadId, UserId};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, Objects, StoredObject};
use carteiro_core::testing::MemoryObjects;
use std::path::PathBuf;

/// Runs each test on S3 and in memory.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod s3 {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::support::bucket::Bucket::deploy().await.objects()).await;
            })*
        }
        mod memory {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&super::MemoryObjects::default()).await;
            })*
        }
    };
}

on_both! {
    what_is_stored_reads_back,
    what_is_not_there_is_none,
    a_later_object_replaces_an_earlier_one,
    parts_are_read_by_their_offset,
    a_file_goes_up_and_comes_down,
}

fn key() -> ObjectKey {
    ObjectKey::outgoing(SendId::from_random(random()))
}

fn bytes(text: &'static str) -> ObjectBody {
    ObjectBody::Bytes(Bytes::from_static(text.as_bytes()))
}

/// A path for a file of one test; the file goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let name = u128::from_be_bytes(random());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("object-{name:x}")))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn what_is_stored_reads_back(objects: &dyn Objects) {
    let key = key();
    objects.put(&key, bytes("Olá, çãé"), "text/plain").await.unwrap();
    let length = "Olá, çãé".len() as u64;
    assert_eq!(objects.find(&key).await, Ok(Some(StoredObject { length, name: None })));
    assert_eq!(objects.read(&key, 0, 100).await.unwrap().unwrap(), "Olá, çãé");
    objects.delete(&key).await.unwrap();
    assert_eq!(objects.find(&key).await, Ok(None));
    objects.delete(&key).await.unwrap();
}

async fn what_is_not_there_is_none(objects: &dyn Objects) {
    let (key, scratch) = (key(), Scratch::new());
    assert_eq!(objects.find(&key).await, Ok(None));
    assert_eq!(objects.read(&key, 0, 10).await, Ok(None));
    assert_eq!(objects.read(&key, 0, 0).await, Ok(None));
    assert_eq!(objects.download(&key, &scratch.0).await, Ok(None));
    assert!(!scratch.0.exists());
    // A key that begins the same is another one.
    let (user, id) = (UserId::from_random(random()), UploadId::from_random(random()));
    objects.put(&ObjectKey::upload(user, id), bytes("x"), "text/plain").await.unwrap();
    let others = ObjectKey::upload(UserId::from_random(random()), id);
    assert_eq!(objects.find(&others).await, Ok(None));
}

async fn a_later_object_replaces_an_earlier_one(objects: &dyn Objects) {
    let key = key();
    objects.put(&key, bytes("primeiro e mais longo"), "text/plain").await.unwrap();
    objects.put(&key, bytes("segundo"), "text/plain").await.unwrap();
    assert_eq!(objects.read(&key, 0, 100).await.unwrap().unwrap(), "segundo");
}

async fn parts_are_read_by_their_offset(objects: &dyn Objects) {
    let key = key();
    objects.put(&key, bytes("0123456789"), "text/plain").await.unwrap();
    for (offset, length, expected) in
        [(0, 4, "0123"), (4, 4, "4567"), (8, 4, "89"), (9, 1, "9"), (10, 4, ""), (99, 1, ""), (3, 0, "")]
    {
        let read = objects.read(&key, offset, length).await.unwrap().unwrap();
        assert_eq!(read, expected, "{length} from {offset}");
    }
    objects.put(&key, bytes(""), "text/plain").await.unwrap();
    assert_eq!(objects.read(&key, 0, 4).await.unwrap().unwrap(), "");
}

async fn a_file_goes_up_and_comes_down(objects: &dyn Objects) {
    let (key, up, down) = (key(), Scratch::new(), Scratch::new());
    // More than one chunk of a stream, and no round number.
    let content: Vec<u8> = (0..3_000_001u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(&up.0, &content).unwrap();
    objects.put(&key, ObjectBody::File(up.0.clone()), "application/octet-stream").await.unwrap();
    assert_eq!(objects.download(&key, &down.0).await, Ok(Some(content.len() as u64)));
    assert!(std::fs::read(&down.0).unwrap() == content);
    let middle = objects.read(&key, 1_500_000, 1_000).await.unwrap().unwrap();
    assert_eq!(middle, content[1_500_000..1_501_000]);
}

#[tokio::test]
async fn an_outage_is_told() {
    let clients = Bucket::nowhere().await;
    let (objects, scratch) = (clients.objects(), Scratch::new());
    let failed = objects.put(&key(), bytes("segredo"), "text/plain").await.unwrap_err().to_string();
    assert!(failed.starts_with("s3 PutObject ") && !failed.contains("segredo"), "{failed}");
    assert!(objects.find(&key()).await.is_err());
    assert!(objects.read(&key(), 0, 1).await.is_err());
    assert!(objects.download(&key(), &scratch.0).await.is_err() && !scratch.0.exists());
    assert!(objects.delete(&key()).await.is_err());
    let missing = objects.put(&key(), ObjectBody::File(scratch.0.clone()), "text/plain").await;
    assert!(missing.is_err(), "the file is not there");
}
