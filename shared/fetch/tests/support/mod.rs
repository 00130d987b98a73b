//! A web server on this machine that answers with whatever bytes a test gives it, over TLS with an authority of its own.

#![allow(dead_code, reason = "the test of memory use needs a part of it only")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// The server's end of a connection.
pub(crate) type Stream = TlsStream<TcpStream>;
/// What a server does with a connection whose request it has read.
pub(crate) type Doing = Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>;

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new one.
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// The same in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    fn acceptor(&self, names: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A server, which ends when this is dropped.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _running: JoinSet<()>,
}

impl Server {
    /// Starts a server with a certificate for these names (or addresses). It reads one request of each connection and leaves the rest to `answer`, which is told the request's target.
    pub(crate) async fn start<A>(authority: &Authority, names: &[&str], answer: A) -> Self
    where
        A: Fn(&str, Stream) -> Doing + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = authority.acceptor(names);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let answer = Arc::new(answer);
        let mut running = JoinSet::new();
        running.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, seen, answer) = (acceptor.clone(), seen.clone(), answer.clone());
                connections.spawn(async move {
                    let Ok(mut stream) = acceptor.accept(socket).await else { return };
                    let Some(mut request) = head(&mut stream).await else { return };
                    request.push_str(&body(&request, &mut stream).await);
                    let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
                    seen.lock().unwrap().push(request);
                    // A client that hangs up is what many tests are about.
                    drop(answer(&target, stream).await);
                });
            }
        });
        Self { address, requests, _running: running }
    }

    /// A server that gives each request the same bytes and then ends the connection in order.
    pub(crate) async fn giving(authority: &Authority, names: &[&str], bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(authority, names, move |_, stream| send(stream, bytes.clone())).await
    }

    /// The requests so far, heads and bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Sends these bytes and ends the connection in order.
pub(crate) fn send(mut stream: Stream, bytes: Vec<u8>) -> Doing {
    Box::pin(async move {
        stream.write_all(&bytes).await?;
        stream.shutdown().await
    })
}

/// A whole answer: 200 with these bytes and their length.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// A whole answer: a redirect with this status to this address.
pub(crate) fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

async fn head(stream: &mut Stream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn body(head: &str, stream: &mut Stream) -> String {
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut bytes = vec![0; length.unwrap_or(0)];
    match stream.read_exact(&mut bytes).await {
        Ok(_) => String::from_utf8(bytes).unwrap(),
        Err(_) => String::new(),
    }
}
