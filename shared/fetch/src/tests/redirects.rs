//! Redirects.

use super::support::{Server, ok, redirect, send};
use super::world::{HOST, PUBLIC, World};
use crate::{FetchError, Forbidden, MAX_REDIRECTS};
use carteiro_core::media::InvalidMediaUrl;
use carteiro_core::send::Failure;

/// HOST sends on to this address.
async fn sent_on(to: &str) -> (World, Result<crate::Fetched, FetchError>) {
    let (world, _server) = World::giving(redirect(302, to)).await;
    world.network.name("interno.exemplo", &[&["10.1.2.3"]]);
    let result = world.fetch_host().await;
    (world, result)
}

#[tokio::test]
async fn a_redirect_to_what_is_not_public_is_refused() {
    for to in [
        "https://127.0.0.1/segredo",
        "https://169.254.169.254/latest/meta-data/segredo",
        "//169.254.170.2/v2/credentials/segredo",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00:ec2::254]/",
        "https://interno.exemplo/?segredo",
    ] {
        let (world, result) = sent_on(to).await;
        let error = result.unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{to}: {error:?}");
        assert_eq!(world.network.dialled(), [format!("{PUBLIC}:443")], "{to}");
    }
}

#[tokio::test]
async fn a_redirect_to_what_is_no_media_address_is_refused() {
    use InvalidMediaUrl::{Malformed, NotHttps, Port, UserInfo};
    for (to, refusal) in [
        ("http://arquivos.exemplo/?segredo", NotHttps),
        ("file:///etc/segredo", NotHttps),
        ("gopher://127.0.0.1:6379/_segredo", NotHttps),
        ("data:text/plain,segredo", NotHttps),
        ("https://arquivos.exemplo:8443/?segredo", Port),
        ("https://arquivos.exemplo:80/", Port),
        ("https://eu:segredo@arquivos.exemplo/", UserInfo),
        ("https://arquivos.exemplo@127.0.0.1/", UserInfo),
    ] {
        let (world, result) = sent_on(to).await;
        let error = result.unwrap_err();
        let FetchError::Forbidden(Forbidden::Redirect(given)) = error else { panic!("{to}: {error:?}") };
        assert_eq!((given, error.failure()), (refusal, Some(Failure::MediaForbidden)), "{to}");
        assert_ne!(given, Malformed);
        assert_eq!(world.network.dialled().len(), 1, "{to}");
    }
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_error() {
    for answer in [
        redirect(302, "https://"),
        redirect(301, "https://[::1"),
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n".to_vec(),
    ] {
        let (world, _server) = World::giving(answer).await;
        let error = world.fetch_host().await.unwrap_err();
        assert!(matches!(error, FetchError::BadRedirect), "{error:?}");
    }
}

#[tokio::test]
async fn redirects_are_followed_to_the_end_but_not_for_ever() {
    let world = World::new();
    let server = Server::start(&world.authority, &[HOST], |target, stream| {
        let left: usize = target.trim_start_matches('/').parse().unwrap();
        let status = [301, 302, 303, 307, 308][left % 5];
        send(stream, if left == 0 { ok(b"fim") } else { redirect(status, &format!("/{}", left - 1)) })
    })
    .await;
    world.host(&server);
    let fetched = world.fetch(&format!("https://{HOST}/{MAX_REDIRECTS}#parte")).await.unwrap();
    assert_eq!(fetched.url.as_str(), format!("https://{HOST}/0"));
    assert_eq!(std::fs::read(world.path()).unwrap(), b"fim");
    assert_eq!(world.network.resolved().len(), MAX_REDIRECTS + 1, "each was resolved anew");
    std::fs::remove_file(world.path()).unwrap();

    let error = world.fetch(&format!("https://{HOST}/{}", MAX_REDIRECTS + 1)).await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects), "{error:?}");
    assert_eq!(server.requests().len(), 2 * (MAX_REDIRECTS + 1));
}

#[tokio::test]
async fn a_loop_ends() {
    let (world, server) = World::giving(redirect(302, "/a")).await;
    let error = world.fetch_host().await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects), "{error:?}");
    assert_eq!(server.requests().len(), MAX_REDIRECTS + 1);
}

#[tokio::test]
async fn a_redirect_to_another_host_tells_it_nothing() {
    let world = World::new();
    let answer = "HTTP/1.1 307 Temporary\r\nSet-Cookie: a=segredo\r\nWWW-Authenticate: Basic\r\n\
                  Location: https://outro.exemplo/b?x=1\r\nContent-Length: 0\r\n\r\n";
    let first = Server::giving(&world.authority, &[HOST], answer).await;
    world.host(&first);
    let second = Server::giving(&world.authority, &["outro.exemplo"], ok(b"oi")).await;
    world.network.name("outro.exemplo", &[&["2600::2"]]);
    world.network.server("2600::2", second.address);
    let fetched = world.fetch_host().await.unwrap();
    assert_eq!(fetched.url.as_str(), "https://outro.exemplo/b?x=1");
    assert_eq!(
        second.requests(),
        ["GET /b?x=1 HTTP/1.1\r\nhost: outro.exemplo\r\nuser-agent: Carteiro/1\r\naccept: */*\r\n\
          accept-encoding: identity\r\nconnection: close\r\n\r\n"]
    );
}
