//! An AWS that has nothing, over TLS: it answers each request at once, so that what a function's first call takes is the
//! function's own.

use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The authorities that functions trust on AWS.
const AMAZON: &str = include_str!("../../../../shared/aws/src/amazon.pem");

/// How often it was called on, and asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Visits {
    /// Connections, each of which is a TLS handshake.
    pub(crate) connections: usize,
    /// Requests.
    pub(crate) requests: usize,
}

#[derive(Default)]
struct Counted {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

/// It, until it is dropped.
pub(crate) struct Responder {
    /// `AWS_ENDPOINT_URL` of who asks it.
    pub(crate) url: String,
    counted: Arc<Counted>,
    server: AbortHandle,
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Responder {
    /// Starts one, and writes to `authorities` what `SSL_CERT_FILE` has to name: the authorities that functions trust on AWS, so
    /// that reading them takes as long as there, and its own.
    pub(crate) async fn start(authorities: &Path) -> Result<Self, Box<dyn Error>> {
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let own = ca.self_signed(&key)?.pem();
        std::fs::write(authorities, format!("{AMAZON}\n{own}"))?;

        let issuer = Issuer::new(ca, key);
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)?;

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("https://localhost:{}", listener.local_addr()?.port());
        let counted = Arc::<Counted>::default();
        let server = tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(tls)), Arc::clone(&counted)));
        Ok(Self { url, counted, server: server.abort_handle() })
    }

    /// What came so far.
    pub(crate) fn visits(&self) -> Visits {
        Visits {
            connections: self.counted.connections.load(Ordering::Relaxed),
            requests: self.counted.requests.load(Ordering::Relaxed),
        }
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, counted: Arc<Counted>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, counted) = (tls.clone(), Arc::clone(&counted));
        tokio::spawn(async move {
            // A client that goes away in the middle is one that was measured.
            let _ = serve(stream, tls, &counted).await;
        });
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, counted: &Counted) -> Result<(), Box<dyn Error>> {
    stream.set_nodelay(true)?;
    counted.connections.fetch_add(1, Ordering::Relaxed);
    let stream = TokioIo::new(tls.accept(stream).await?);
    let service = service_fn(|request| async {
        counted.requests.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(answer(request).await)
    });
    Ok(hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await?)
}

async fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let (status, text) = match operation.as_str() {
        "GetSecretValue" if body.windows(3).any(|three| three == b"jwt") => (
            StatusCode::OK,
            r#"{"Name":"jwt","SecretString":"{\"kid\":\"1\",\"key\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"}"}"#,
        ),
        "GetSecretValue" => (
            StatusCode::OK,
            r#"{"Name":"operator","SecretString":"0123456789abcdef0123456789abcdef0123456789abcdef"}"#,
        ),
        // The version that the sample of `rotation` is about.
        "DescribeSecret" => (
            StatusCode::OK,
            r#"{"RotationEnabled":true,"VersionIdsToStages":{"0f5b1c1e-7d55-4c3e-9c53-0c1d2f3a4b5c":["AWSPENDING"]}}"#,
        ),
        "Query" => (StatusCode::OK, r#"{"Items":[],"Count":0,"ScannedCount":0}"#),
        "BatchGetItem" => (StatusCode::OK, r#"{"Responses":{},"UnprocessedKeys":{}}"#),
        "SendMessage" => (StatusCode::OK, r#"{"MessageId":"00000000-0000-4000-8000-000000000001"}"#),
        "" => (StatusCode::NOT_FOUND, ""),
        _ => (StatusCode::OK, "{}"),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    response
}
