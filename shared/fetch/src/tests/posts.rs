//! Posts: the guard, what is sent, and what is read of the answer.

use super::support::{Authority, Server, Stream, ok, redirect};
use super::world::{HOST, PUBLIC, World};
use crate::network::System;
use crate::tls::Trust;
use crate::{Deadlines, Fetcher, Poster};
use carteiro_core::ports::{Letter, LetterAnswer, NotPosted, Postman};
use carteiro_core::webhook::{ReceiverUrl, TryFailure};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const SHORT: Duration = Duration::from_millis(300);

fn letter(url: &str) -> Letter {
    Letter {
        url: ReceiverUrl::parse(url).unwrap(),
        content_type: "application/json",
        headers: vec![("x-event-id", "7".to_owned()), ("x-signature", "t=1,v1=ab".to_owned())],
        body: r#"{"tipo":"ção"}"#.as_bytes().to_vec(),
    }
}

impl World {
    async fn post(&self, url: &str) -> Result<LetterAnswer, NotPosted> {
        let result = Poster::new(self.fetcher.clone()).post(letter(url)).await;
        if let Err(error) = &result {
            assert!(!format!("{error} {error:?}").contains("segredo"), "{error:?} tells the address");
        }
        result
    }

    async fn post_host(&self) -> Result<LetterAnswer, NotPosted> {
        self.post(&format!("https://{HOST}/segredo?token=segredo")).await
    }

    async fn failure(&self, url: &str) -> TryFailure {
        self.post(url).await.unwrap_err().failure
    }
}

#[tokio::test]
async fn what_is_posted_is_the_letter_and_nothing_else() {
    let (world, server) = World::giving(ok(b"obrigado")).await;
    let answer = world.post(&format!("https://{HOST}/gancho/1?a=b%20c#parte")).await.unwrap();
    assert_eq!(answer, LetterAnswer { status: 200, retry_after: None, body: b"obrigado".to_vec() });
    assert_eq!(
        server.requests(),
        [
            "POST /gancho/1?a=b%20c HTTP/1.1\r\nhost: arquivos.exemplo\r\nuser-agent: Carteiro/1\r\naccept: */*\r\n\
          accept-encoding: identity\r\nconnection: close\r\ncontent-type: application/json\r\n\
          x-event-id: 7\r\nx-signature: t=1,v1=ab\r\ncontent-length: 16\r\n\r\n{\"tipo\":\"ção\"}"
        ]
    );
    assert_eq!(world.network.dialled(), [format!("{PUBLIC}:443")]);
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_posted_to() {
    let (world, server) = World::giving(ok(b"oi")).await;
    // Public for whoever asks first, private for whoever asks again.
    world.network.name(HOST, &[&[PUBLIC], &["169.254.169.254"]]);
    world.post_host().await.unwrap();
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::Forbidden);
    assert_eq!((world.network.dialled().len(), server.requests().len()), (1, 1));
}

#[tokio::test]
async fn nothing_but_the_public_internet_is_posted_to() {
    let world = World::new();
    world.network.name("interno.exemplo", &[&["10.1.2.3", "fd00:ec2::254", "::ffff:127.0.0.1"]]);
    for host in [
        "interno.exemplo",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0",
        "10.0.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "192.168.0.1",
        "100.64.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ] {
        assert_eq!(world.failure(&format!("https://{host}/segredo")).await, TryFailure::Forbidden, "{host}");
    }
    assert!(world.network.dialled().is_empty());
}

/// The same with the operating system's resolver and sockets.
#[tokio::test]
async fn this_machine_is_not_posted_to_by_any_of_its_names() {
    let world = World::new();
    let trust = Trust::in_these(vec![world.authority.der()]).unwrap();
    let poster = Poster::new(Fetcher::over(Arc::new(System), trust, Poster::DEADLINES));
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "0x7f.1"] {
        let error = poster.post(letter(&format!("https://{host}/"))).await.unwrap_err();
        assert_eq!(error.failure, TryFailure::Forbidden, "{host}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (world, server) =
            World::giving(redirect(status, "https://169.254.169.254/latest/meta-data")).await;
        assert_eq!(world.post_host().await.unwrap().status, status);
        assert_eq!((server.requests().len(), world.network.dialled().len()), (1, 1));
    }
}

#[tokio::test]
async fn every_status_is_an_answer() {
    for status in [200, 204, 400, 401, 404, 410, 413, 429, 500, 503, 599] {
        let head = format!("HTTP/1.1 {status} X\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
        let (world, _server) = World::giving(head).await;
        let answer = world.post_host().await.unwrap();
        let expected = LetterAnswer { status, retry_after: Some("120".to_owned()), body: vec![] };
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn a_huge_answer_is_cut() {
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", u64::MAX / 2);
    let world = World::new();
    let server = Server::start(&world.authority, &[HOST], move |_, mut stream: Stream| {
        let head = announced.clone();
        Box::pin(async move {
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream.write_all(&[b'x'; 8_192]).await?;
            }
        })
    })
    .await;
    world.host(&server);
    let answer = world.post_host().await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 4_096));

    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(100_000));
    let (world, _server) = World::giving(long_head).await;
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::Unreachable);
}

#[tokio::test]
async fn a_body_that_does_not_come_changes_no_status() {
    for (length, sent) in [(1_000, "abc"), (3, "")] {
        let world = World::with(Deadlines { idle: SHORT, ..Poster::DEADLINES });
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{sent}");
        let server = Server::start(&world.authority, &[HOST], move |_, mut stream: Stream| {
            let head = head.clone();
            Box::pin(async move {
                stream.write_all(head.as_bytes()).await?;
                stream.flush().await?;
                std::future::pending().await
            })
        })
        .await;
        world.host(&server);
        let answer = world.post_host().await.unwrap();
        assert_eq!((answer.status, answer.body), (200, sent.as_bytes().to_vec()));
    }
    let (world, _server) = World::giving("HTTP/1.1 503 X\r\nContent-Length: 99\r\n\r\nbroken off").await;
    assert_eq!(world.post_host().await.unwrap().status, 503);
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for_for_ever() {
    let deadlines = Deadlines { connect: SHORT, head: SHORT, idle: SHORT };
    let world = World::with(deadlines);
    let silent = Server::start(&world.authority, &[HOST], |_, stream| {
        Box::pin(async move {
            let _open = stream;
            std::future::pending().await
        })
    })
    .await;
    world.host(&silent);
    let began = Instant::now();
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::TimedOut);
    assert!(began.elapsed() < SHORT * 100);

    let dribbling = Server::start(&world.authority, &[HOST], |_, mut stream: Stream| {
        Box::pin(async move {
            loop {
                stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").await?;
                stream.flush().await?;
                tokio::time::sleep(SHORT / 10).await;
            }
        })
    })
    .await;
    world.host(&dribbling);
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::TimedOut);

    // It takes connections and does not speak TLS.
    let no_tls = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.network.server(PUBLIC, no_tls.local_addr().unwrap());
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::TimedOut);
    world.network.silent(HOST);
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::TimedOut);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_no_letter() {
    let world = World::new();
    for server in [
        Server::giving(&Authority::new(), &[HOST], ok(b"oi")).await,
        Server::giving(&world.authority, &["outro.exemplo"], ok(b"oi")).await,
    ] {
        world.host(&server);
        let error = world.post_host().await.unwrap_err();
        assert_eq!(error.failure, TryFailure::Tls, "{error}");
        assert!(error.reason.contains("certificate"), "{error}");
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn what_speaks_no_http_or_is_not_there_is_unreachable() {
    for answer in ["", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\nContent-Le"] {
        let (world, _server) = World::giving(answer).await;
        assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::Unreachable, "{answer:?}");
    }
    let world = World::new();
    assert_eq!(world.failure("https://desconhecido.exemplo/segredo").await, TryFailure::Unreachable);
    world.network.name(HOST, &[&[PUBLIC]]);
    assert_eq!(world.post_host().await.unwrap_err().failure, TryFailure::Unreachable);
}
