//! Hosts of a trial.

use super::support::{Authority, Server, ok, redirect};
use super::world::{HOST, LIMIT};
use crate::{Deadlines, FetchError, Fetched, Fetcher, Forbidden, InvalidOrigins, Origins, Unreachable};
use carteiro_core::media::MediaUrl;
use std::time::Duration;

async fn fetch(fetcher: &Fetcher, url: &str) -> Result<Fetched, FetchError> {
    let folder = tempfile::tempdir().unwrap();
    let url = MediaUrl::parse(url).unwrap();
    fetcher.to_file(&url, &folder.path().join("arquivo"), LIMIT, Duration::from_secs(30)).await
}

#[tokio::test]
async fn a_named_host_is_a_server_of_this_machine_and_no_other_is() {
    let authority = Authority::new();
    let names = [HOST, "outro.exemplo", "127.0.0.1", "localhost"];
    let server = Server::giving(&authority, &names, ok(b"oi")).await;
    let origins =
        Origins::new([("Arquivos.Exemplo".to_owned(), server.address)], authority.pem().as_bytes()).unwrap();
    let fetcher = Fetcher::with_origins(Deadlines::default(), origins).unwrap();
    let fetched = fetch(&fetcher, &format!("https://{HOST}/a")).await.unwrap();
    assert_eq!(fetched.length, 2);
    for forbidden in ["localhost", "127.0.0.1", "[::1]"] {
        let error = fetch(&fetcher, &format!("https://{forbidden}/")).await.unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{forbidden}: {error:?}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_named_host_cannot_send_on_to_this_machine() {
    let authority = Authority::new();
    let server = Server::giving(&authority, &[HOST], redirect(302, "https://localhost/")).await;
    let origins = Origins::new([(HOST.to_owned(), server.address)], authority.pem().as_bytes()).unwrap();
    let fetcher = Fetcher::with_origins(Deadlines::default(), origins).unwrap();
    let error = fetch(&fetcher, &format!("https://{HOST}/a")).await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(Forbidden::Address)), "{error:?}");
}

#[tokio::test]
async fn a_named_host_needs_a_certificate_of_its_authorities() {
    let authority = Authority::new();
    let server = Server::giving(&Authority::new(), &[HOST], ok(b"oi")).await;
    let origins = Origins::new([(HOST.to_owned(), server.address)], authority.pem().as_bytes()).unwrap();
    let fetcher = Fetcher::with_origins(Deadlines::default(), origins).unwrap();
    let error = fetch(&fetcher, &format!("https://{HOST}/a")).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(Unreachable::Tls(_))), "{error:?}");
}

#[test]
fn origins_are_loopback_hosts_with_names() {
    let pem = Authority::new().pem();
    let refused = |host: &str, address: &str, pem: &str| {
        Origins::new([(host.to_owned(), address.parse().unwrap())], pem.as_bytes()).err()
    };
    assert_eq!(refused(HOST, "127.0.0.1:1", &pem), None);
    assert_eq!(refused(HOST, "[::1]:1", &pem), None);
    for address in ["10.0.0.1:443", "169.254.169.254:80", "8.8.8.8:443"] {
        assert_eq!(refused(HOST, address, &pem), Some(InvalidOrigins::Address(address.parse().unwrap())));
    }
    for host in ["127.0.0.1", "[::1]", "a b", ""] {
        assert_eq!(refused(host, "127.0.0.1:1", &pem), Some(InvalidOrigins::Host(host.to_owned())));
    }
    for pem in ["", "nada", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        assert_eq!(refused(HOST, "127.0.0.1:1", pem), Some(InvalidOrigins::Authorities), "{pem:?}");
    }
}
