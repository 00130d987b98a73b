//! How much memory a large object takes on its way to S3 and back: one test alone in its process, since it watches the whole
//! process.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured; it needs a part of the support only"
)]

mod support;

use carteiro_core::ids::SendId;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, Objects};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use support::bucket::Bucket;

const MB: u64 = 1024 * 1024;

/// The most memory that the process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// A file of one test, which goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id())))
    }

    fn fill(&self, megabytes: u64) {
        let mut file = File::create(&self.0).unwrap();
        for _ in 0..megabytes {
            file.write_all(&vec![b'x'; MB as usize]).unwrap();
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_hundred_megabytes_go_to_s3_and_back_in_little_memory() {
    let objects = Bucket::deploy().await.objects();
    let (up, down) = (Scratch::new("up"), Scratch::new("down"));
    let key = ObjectKey::outgoing(SendId::from_random([1; 16]));
    let round = async |megabytes: u64| {
        up.fill(megabytes);
        objects.put(&key, ObjectBody::File(up.0.clone()), "application/octet-stream").await.unwrap();
        assert_eq!(objects.download(&key, &down.0).await, Ok(Some(megabytes * MB)));
    };
    round(1).await;
    let before = peak();
    round(100).await;
    let grown = peak() - before;
    println!("100 MB there and back grew the process by {} KiB", grown / 1024);
    assert!(grown < 32 * MB, "{grown} bytes");
    // The meter would have seen it: the same file held in memory.
    let held = std::fs::read(&down.0).unwrap();
    assert!(peak() - before > 90 * MB, "{} bytes held", held.len());
    objects.delete(&key).await.unwrap();
}
