//! How much memory a large file takes: one test alone in its process, since it watches the whole process.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use carteiro_core::media::MediaUrl;
use carteiro_fetch::{Deadlines, Fetcher, Origins};
use std::time::Duration;
use support::{Authority, Server};
use tokio::io::AsyncWriteExt;

const MB: u64 = 1024 * 1024;

/// The most memory that the process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_hundred_megabytes_take_no_more_memory_than_one() {
    let authority = Authority::new();
    let server = Server::start(&authority, &["arquivos.exemplo"], |target, mut stream| {
        let megabytes: u64 = target.trim_start_matches('/').parse().unwrap();
        Box::pin(async move {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", megabytes * MB);
            stream.write_all(head.as_bytes()).await?;
            let piece = vec![b'x'; 64 * 1024];
            for _ in 0..megabytes * 16 {
                stream.write_all(&piece).await?;
            }
            stream.shutdown().await
        })
    })
    .await;
    let origins =
        Origins::new([("arquivos.exemplo".to_owned(), server.address)], authority.pem().as_bytes()).unwrap();
    let fetcher = Fetcher::with_origins(Deadlines::default(), origins).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arquivo");
    let fetch = async |megabytes: u64| {
        let url = MediaUrl::parse(&format!("https://arquivos.exemplo/{megabytes}")).unwrap();
        let fetched = fetcher.to_file(&url, &path, 100 * MB, Duration::from_secs(120)).await.unwrap();
        assert_eq!(fetched.length, megabytes * MB);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), megabytes * MB);
    };

    fetch(1).await;
    let before = peak();
    fetch(100).await;
    let grown = peak() - before;
    println!("100 MB grew the process by {} KiB", grown / 1024);
    assert!(grown < 4 * MB, "100 MB grew the process by {grown} bytes");

    // The meter would have seen it: the same file held in memory.
    let held = std::fs::read(&path).unwrap();
    let seen = peak() - before;
    assert!(seen > 90 * MB, "{} bytes held, {seen} seen", held.len());
}
