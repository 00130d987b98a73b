//! Certificates, and what is no HTTP.

use super::support::{Authority, Server, ok};
use super::world::{HOST, World};
use crate::{FetchError, Unreachable};
use carteiro_core::send::Failure;

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    let world = World::new();
    let server = Server::giving(&Authority::new(), &[HOST], ok(b"oi")).await;
    world.host(&server);
    let error = world.fetch_host().await.unwrap_err();
    let FetchError::Unreachable(Unreachable::Tls(tls)) = &error else { panic!("{error:?}") };
    assert!(tls.to_string().contains("invalid peer certificate"), "{tls}");
    assert_eq!((error.failure(), error.is_transient()), (Some(Failure::MediaUnreachable), false));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    for name in ["outro.exemplo", "127.0.0.1", "*.arquivos.exemplo"] {
        let world = World::new();
        let server = Server::giving(&world.authority, &[name], ok(b"oi")).await;
        world.host(&server);
        let error = world.fetch_host().await.unwrap_err();
        let FetchError::Unreachable(Unreachable::Tls(tls)) = &error else { panic!("{error:?}") };
        assert!(tls.to_string().contains("not valid for name"), "{tls}");
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn what_does_not_speak_http_is_unreachable() {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 2\r\n\r\noi", "x".repeat(100_000));
    let conflict = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\noi!";
    for answer in ["", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\nContent-Le", conflict, &long] {
        let (world, _server) = World::giving(answer).await;
        let result = world.fetch_host().await;
        let shown = &answer[..answer.len().min(80)];
        assert!(
            matches!(result, Err(FetchError::Unreachable(Unreachable::Http(_)))),
            "{shown:?}: {result:?}"
        );
    }
}
