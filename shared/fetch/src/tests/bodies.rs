//! Answers and their bodies.

use super::support::{Server, ok};
use super::world::{HOST, LIMIT, World};
use crate::FetchError;
use carteiro_core::send::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncWriteExt;

/// What a fetch of HOST comes to when it answers with these bytes.
async fn answered(bytes: impl Into<Vec<u8>>) -> (World, Result<crate::Fetched, FetchError>) {
    let (world, _server) = World::giving(bytes).await;
    let result = world.fetch_host().await;
    (world, result)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
}

#[tokio::test]
async fn a_file_arrives_as_it_was_sent() {
    let body = pattern(300_000);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: image/JPEG; q=1\r\nContent-Length: 300000\r\n\
                Content-Disposition: attachment; filename=\"../foto nova.jpg\"\r\n\r\n";
    let (world, result) = answered([head.as_bytes(), &body].concat()).await;
    let fetched = result.unwrap();
    assert_eq!(fetched.length, 300_000);
    assert_eq!(fetched.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(fetched.file_name.as_ref().unwrap().as_str(), "foto nova.jpg");
    assert!(!format!("{fetched:?}").contains("segredo"), "{fetched:?}");
    assert!(std::fs::read(world.path()).unwrap() == body);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(world.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn chunks_and_bodies_without_a_length_arrive_too() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Encoding: identity\r\n\r\n\
                   3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n";
    let until_the_end = "HTTP/1.0 200 OK\r\n\r\nabcdefg";
    let after_hints =
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nabcdefg";
    for answer in [chunked, until_the_end, after_hints] {
        let (world, result) = answered(answer).await;
        let fetched = result.unwrap();
        assert_eq!((fetched.length, fetched.content_type, fetched.file_name), (7, None, None));
        assert_eq!(std::fs::read(world.path()).unwrap(), b"abcdefg");
    }
}

#[tokio::test]
async fn a_shorter_file_takes_the_place_of_a_longer_one() {
    let (world, _server) = World::giving(ok(b"novo")).await;
    std::fs::write(world.path(), pattern(1_000)).unwrap();
    world.fetch_host().await.unwrap();
    assert_eq!(std::fs::read(world.path()).unwrap(), b"novo");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
    ] {
        let (_, result) = answered(answer).await;
        let error = result.unwrap_err();
        assert!(matches!(error, FetchError::BrokenOff(_)), "{answer:?}: {error:?}");
        assert_eq!((error.failure(), error.is_transient()), (Some(Failure::MediaUnreachable), true));
    }
}

/// Without a length the end of the body is the end of the connection, which only TLS's own goodbye proves.
#[tokio::test]
async fn a_connection_that_ends_without_a_goodbye_is_a_body_broken_off() {
    let world = World::new();
    let server = Server::start(&world.authority, &[HOST], |_, mut stream| {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nabc").await?;
            stream.flush().await?;
            stream.into_inner().0.shutdown().await
        })
    })
    .await;
    world.host(&server);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::BrokenOff(_)), "{error:?}");
}

#[tokio::test]
async fn a_body_longer_than_announced_ends_where_it_was_to_end() {
    let (world, result) = answered("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef").await;
    assert_eq!(result.unwrap().length, 3);
    assert_eq!(std::fs::read(world.path()).unwrap(), b"abc");
}

#[tokio::test]
async fn the_limit_is_met_but_not_passed() {
    let unannounced = |body: Vec<u8>| [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &body].concat();
    let (most, one_more) = (pattern(LIMIT as usize), pattern(LIMIT as usize + 1));
    for answer in [ok(&most), unannounced(most)] {
        let (_, result) = answered(answer).await;
        assert_eq!(result.unwrap().length, LIMIT);
    }
    for answer in [ok(&one_more), unannounced(one_more)] {
        let (_, result) = answered(answer).await;
        let error = result.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge), "{error:?}");
        assert_eq!((error.failure(), error.is_transient()), (Some(Failure::MediaSize), false));
    }
}

#[tokio::test]
async fn an_announced_length_past_the_limit_is_refused_before_the_body() {
    let world = World::new();
    // The body never comes: only the announcement can be what is refused.
    let server = Server::start(&world.authority, &[HOST], |_, mut stream| {
        Box::pin(async move {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LIMIT + 1);
            stream.write_all(head.as_bytes()).await?;
            stream.flush().await?;
            std::future::pending().await
        })
    })
    .await;
    world.host(&server);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge), "{error:?}");
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let sent = Arc::new(AtomicU64::new(0));
    let count = sent.clone();
    let world = World::new();
    let server = Server::start(&world.authority, &[HOST], move |_, mut stream| {
        let count = count.clone();
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
            let chunk = [b"4000\r\n".as_slice(), &[0; 0x4000], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk).await?;
                count.fetch_add(0x4000, Ordering::Relaxed);
            }
        })
    })
    .await;
    world.host(&server);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge), "{error:?}");
    // What the sockets of this machine hold comes on top.
    assert!(sent.load(Ordering::Relaxed) < LIMIT + 16 * 1024 * 1024);
}

#[tokio::test]
async fn compressed_bodies_are_not_taken() {
    for headers in [
        "Content-Encoding: gzip",
        "Content-Encoding: br",
        "content-encoding: identity, GZIP",
        "Content-Encoding: identity\r\nContent-Encoding: zstd",
        "Content-Encoding: \u{e9}",
        "Transfer-Encoding: gzip, chunked",
    ] {
        let (_, result) =
            answered(format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n3\r\nabc\r\n0\r\n\r\n")).await;
        let error = result.unwrap_err();
        assert!(matches!(error, FetchError::Compressed), "{headers}: {error:?}");
        assert_eq!(error.failure(), Some(Failure::MediaUnreachable));
    }
}

#[tokio::test]
async fn only_200_is_a_file() {
    for (status, transient) in [
        (201, false),
        (204, false),
        (206, false),
        (304, false),
        (404, false),
        (410, false),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let body = if matches!(status, 204 | 304) { "" } else { "Content-Length: 4\r\n\r\nerro" };
        let (_, result) = answered(format!("HTTP/1.1 {status} X\r\n{body}\r\n")).await;
        let error = result.unwrap_err();
        assert!(matches!(error, FetchError::Status(given) if given == status), "{status}: {error:?}");
        assert_eq!(
            (error.failure(), error.is_transient()),
            (Some(Failure::MediaUnreachable), transient),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_empty_file_is_none() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let (_, result) = answered(answer).await;
        let error = result.unwrap_err();
        assert!(matches!(error, FetchError::Empty), "{error:?}");
        assert_eq!(error.failure(), Some(Failure::MediaSize));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_our_own_fault() {
    let (world, _server) = World::giving(ok(b"oi")).await;
    let url = carteiro_core::media::MediaUrl::parse(&format!("https://{HOST}/")).unwrap();
    let path = world.path().join("nenhuma pasta");
    let within = std::time::Duration::from_secs(30);
    let error = world.fetcher.to_file(&url, &path, LIMIT, within).await.unwrap_err();
    assert!(matches!(error, FetchError::File(_)), "{error:?}");
    assert_eq!((error.failure(), error.is_transient()), (None, true));
}
