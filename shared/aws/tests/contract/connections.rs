//! Whom the connections of the clients trust.

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{Credentials, Region};
use carteiro_aws::Connections;
use rcgen::{CertificateParams, KeyPair};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A server that vouches for itself, and how often it was called on.
async fn stranger() -> (String, Arc<AtomicUsize>) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (tls, calls) = (TlsAcceptor::from(Arc::new(config)), Arc::<AtomicUsize>::default());
    let seen = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::Relaxed);
            let tls = tls.clone();
            tokio::spawn(async move { tls.accept(stream).await.is_ok() });
        }
    });
    (url, calls)
}

fn client(connections: &Connections, url: &str) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .http_client(connections.clone())
        .endpoint_url(url)
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// The system does not trust this one either: what is seen is that it is asked, and that nobody is trusted for asking.
#[tokio::test]
async fn a_server_of_another_authority_is_judged_by_the_systems_from_the_next_attempt_on() {
    let (url, calls) = stranger().await;
    let connections = Connections::new();
    assert!(!connections.trusts_the_system());
    let refused = client(&connections, &url).list_tables().send().await;
    assert!(refused.is_err(), "a stranger is not AWS");
    assert!(connections.trusts_the_system());
    assert_eq!(calls.load(Ordering::Relaxed), 2, "the SDK tries again, with the system's authorities");
}

#[tokio::test]
async fn a_server_that_is_not_there_changes_nobodys_trust() {
    let connections = Connections::new();
    let nobody = client(&connections, "https://127.0.0.1:1").list_tables().send().await;
    assert!(nobody.is_err());
    assert!(!connections.trusts_the_system());
}
