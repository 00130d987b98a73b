//! Servers that take their time.

use super::support::{Doing, Server, Stream, ok};
use super::world::{HOST, PUBLIC, World};
use crate::{Deadlines, FetchError, Stage};
use carteiro_core::send::Failure;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Long against what this machine needs, short against what the other deadlines are.
const SHORT: Duration = Duration::from_millis(400);

fn deadlines() -> Deadlines {
    Deadlines {
        connect: Duration::from_secs(20),
        head: Duration::from_secs(20),
        idle: Duration::from_secs(20),
    }
}

/// What a fetch from a server that does this times out at.
async fn timed_out(
    deadlines: Deadlines,
    within: Duration,
    server: impl Fn(&str, Stream) -> Doing + Send + Sync + 'static,
) -> Stage {
    let world = World::with(deadlines);
    let server = Server::start(&world.authority, &[HOST], server).await;
    world.host(&server);
    let error = world.fetch_within(&format!("https://{HOST}/?segredo"), within).await.unwrap_err();
    assert_eq!((error.failure(), error.is_transient()), (Some(Failure::MediaUnreachable), true));
    match error {
        FetchError::TimedOut(stage) => stage,
        other => panic!("{other:?}"),
    }
}

/// Sends this piece again and again, a tenth of SHORT apart.
async fn dribble(stream: &mut Stream, piece: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(piece).await?;
        stream.flush().await?;
        sleep(SHORT / 10).await;
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_or_dribbles_times_out() {
    let impatient = Deadlines { head: SHORT, ..deadlines() };
    let silent = |_: &str, stream: Stream| -> Doing {
        Box::pin(async move {
            let _open = stream;
            std::future::pending().await
        })
    };
    assert_eq!(timed_out(impatient, SHORT * 20, silent).await, Stage::Head);
    let header_by_header = |_: &str, mut stream: Stream| -> Doing {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            dribble(&mut stream, b"X: y\r\n").await
        })
    };
    assert_eq!(timed_out(impatient, SHORT * 20, header_by_header).await, Stage::Head);
    let hints_for_ever = |_: &str, mut stream: Stream| -> Doing {
        Box::pin(async move { dribble(&mut stream, b"HTTP/1.1 103 Early Hints\r\n\r\n").await })
    };
    assert_eq!(timed_out(impatient, SHORT * 20, hints_for_ever).await, Stage::Head);
}

#[tokio::test]
async fn a_body_that_stalls_times_out() {
    let impatient = Deadlines { idle: SHORT, ..deadlines() };
    let stalls = |_: &str, mut stream: Stream| -> Doing {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").await?;
            stream.flush().await?;
            std::future::pending().await
        })
    };
    assert_eq!(timed_out(impatient, SHORT * 20, stalls).await, Stage::Idle);
    // A chunk's extension can be drawn out without end, but is no piece of the body.
    let extends = |_: &str, mut stream: Stream| -> Doing {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3;").await?;
            dribble(&mut stream, b"x").await
        })
    };
    assert_eq!(timed_out(impatient, SHORT * 20, extends).await, Stage::Idle);
}

#[tokio::test]
async fn a_body_that_dribbles_has_a_time_for_the_whole() {
    let patient = Deadlines { idle: SHORT * 5, ..deadlines() };
    let dribbles = |_: &str, mut stream: Stream| -> Doing {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await?;
            dribble(&mut stream, b"x").await
        })
    };
    assert_eq!(timed_out(patient, SHORT * 10, dribbles).await, Stage::Total);
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_times_out() {
    let world = World::with(Deadlines { connect: SHORT, ..deadlines() });
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.network.name(HOST, &[&[PUBLIC]]);
    world.network.server(PUBLIC, silent.local_addr().unwrap());
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut(Stage::Connect)), "{error:?}");
}

#[tokio::test]
async fn a_name_that_is_never_answered_times_out() {
    let world = World::with(Deadlines { connect: SHORT, ..deadlines() });
    world.network.silent(HOST);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut(Stage::Connect)), "{error:?}");
}

#[tokio::test]
async fn an_address_that_says_nothing_leaves_time_for_the_next() {
    let world = World::with(Deadlines { connect: SHORT * 15, ..deadlines() });
    let server = Server::giving(&world.authority, &[HOST], ok(b"oi")).await;
    world.host(&server);
    world.network.name(HOST, &[&["2600::1", PUBLIC]]);
    world.network.silent("2600::1");
    world.fetch_host().await.unwrap();
    assert_eq!(world.network.dialled(), ["[2600::1]:443".to_owned(), format!("{PUBLIC}:443")]);
}

#[tokio::test]
async fn a_fetch_that_is_dropped_leaves_nothing() {
    let world = World::new();
    let server = Server::start(&world.authority, &[HOST], |_, mut stream| {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await?;
            dribble(&mut stream, b"x").await
        })
    })
    .await;
    world.host(&server);
    let path = world.path();
    let begun = async {
        while !path.exists() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        result = world.fetch_host() => panic!("{result:?}"),
        () = begun => {}
    }
    assert!(!path.exists());
}
