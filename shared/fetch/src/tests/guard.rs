//! Where sockets are opened to.

use super::support::{Server, ok};
use super::world::{HOST, PUBLIC, World};
use crate::network::System;
use crate::tls::Trust;
use crate::{Deadlines, FetchError, Fetcher, Forbidden, Unreachable};
use carteiro_core::media::MediaUrl;
use carteiro_core::send::Failure;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_connected_to() {
    let (world, _server) = World::giving(ok(b"oi")).await;
    // Public for whoever asks first, private for whoever asks again.
    world.network.name(HOST, &[&[PUBLIC], &["127.0.0.1"]]);
    world.fetch_host().await.unwrap();
    assert_eq!(world.network.resolved(), [HOST]);
    assert_eq!(world.network.dialled(), [format!("{PUBLIC}:443")]);

    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{error:?}");
    assert_eq!(error.failure(), Some(Failure::MediaForbidden));
    assert_eq!(world.network.dialled().len(), 1, "a refused address was dialled");
}

#[tokio::test]
async fn a_name_that_turns_private_between_two_redirects_is_refused() {
    let (world, server) = World::giving(super::support::redirect(302, "/b")).await;
    world.network.name(HOST, &[&[PUBLIC], &["169.254.169.254"]]);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{error:?}");
    assert_eq!(server.requests().len(), 1);
    assert_eq!(world.network.dialled(), [format!("{PUBLIC}:443")]);
}

#[tokio::test]
async fn of_several_addresses_the_refused_ones_are_left_out() {
    let (world, _server) = World::giving(ok(b"oi")).await;
    let mixed: &[&str] = &["10.0.0.1", "::1", "::ffff:127.0.0.1", "fd00:ec2::254", PUBLIC, "192.168.0.1"];
    world.network.name(HOST, &[mixed]);
    world.fetch_host().await.unwrap();
    assert_eq!(world.network.dialled(), [format!("{PUBLIC}:443")]);

    world.network.name(HOST, &[&["10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::"]]);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{error:?}");
    assert_eq!(world.network.dialled().len(), 1);
}

#[tokio::test]
async fn an_address_that_does_not_answer_gives_way_to_the_next() {
    let (world, _server) = World::giving(ok(b"oi")).await;
    world.network.name(HOST, &[&["2600::1", "1.1.1.1", PUBLIC]]);
    world.fetch_host().await.unwrap();
    assert_eq!(world.network.dialled(), ["[2600::1]:443", "1.1.1.1:443", "93.184.216.34:443"]);
}

#[tokio::test]
async fn a_host_that_is_an_address_goes_without_the_resolver_but_not_without_the_guard() {
    let world = World::new();
    let server = Server::giving(&world.authority, &[PUBLIC, "2606:2800:220:1::248"], ok(b"oi")).await;
    world.network.server(PUBLIC, server.address);
    world.network.server("2606:2800:220:1::248", server.address);
    world.fetch(&format!("https://{PUBLIC}/")).await.unwrap();
    world.fetch("https://[2606:2800:220:1::248]/").await.unwrap();
    let dialled = world.network.dialled();
    for literal in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "169.254.169.254",
        "2852039166",
        "169.254.170.2",
        "①②⑦.⓪.⓪.①",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ] {
        let error = world.fetch(&format!("https://{literal}/a?segredo")).await.unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{literal}: {error:?}");
    }
    assert_eq!((world.network.dialled(), world.network.resolved()), (dialled, vec![]));
    // The host is named as it must be.
    assert!(server.requests()[1].contains("host: [2606:2800:220:1::248]\r\n"), "{:?}", server.requests());
}

#[tokio::test]
async fn a_name_without_addresses_is_unreachable() {
    let world = World::new();
    world.network.name("vazio.exemplo", &[&[]]);
    for host in ["vazio.exemplo", "desconhecido.exemplo"] {
        let error = world.fetch(&format!("https://{host}/?segredo")).await.unwrap_err();
        assert!(matches!(error, FetchError::Unreachable(Unreachable::Name(_))), "{host}: {error:?}");
        assert_eq!(error.failure(), Some(Failure::MediaUnreachable));
    }
    world.network.name(HOST, &[&[PUBLIC]]);
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(Unreachable::Connection(_))), "{error:?}");
    assert!(error.is_transient());
}

/// The same with the operating system's resolver and sockets, and a server that would answer.
#[tokio::test]
async fn this_machine_is_out_of_reach_by_each_of_its_names() {
    let world = World::new();
    let trust = Trust::in_these(vec![world.authority.der()]).unwrap();
    let fetcher = Fetcher::over(Arc::new(System), trust, Deadlines::default());
    let path = world.path();
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "0x7f.1"] {
        let url = MediaUrl::parse(&format!("https://{host}/")).unwrap();
        let error = fetcher.to_file(&url, &path, 1, Duration::from_secs(30)).await.unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{host}: {error:?}");
    }
}
