//! A file server on this machine that `dispatch` takes for one on the Internet: HTTPS, with a certificate of its own.

use carteiro_local::Origins;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The host that the contract's examples fetch from.
pub(crate) const HOST: &str = "exemplo.com";

/// What a path answers.
#[derive(Clone)]
enum Page {
    File(&'static str, Bytes),
    Redirect(String),
}

type Pages = Arc<Mutex<BTreeMap<String, Page>>>;

/// The server, until it is dropped.
pub(crate) struct Files {
    address: SocketAddr,
    certificate: String,
    pages: Pages,
    task: JoinHandle<()>,
}

impl Files {
    pub(crate) async fn start() -> Self {
        let (authority, certificate) = authority();
        let key = KeyPair::generate().unwrap();
        let leaf =
            CertificateParams::new(vec![HOST.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages = Pages::default();
        let task = tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), pages.clone()));
        Self { address, certificate, pages, task }
    }

    /// What a local system has to know of it; the certificate is written below `directory`.
    pub(crate) fn origins(&self, directory: &Path) -> Origins {
        std::fs::create_dir_all(directory).unwrap();
        let certificate = directory.join("files.pem");
        std::fs::write(&certificate, &self.certificate).unwrap();
        Origins { hosts: [(HOST.to_owned(), self.address)].into(), certificate }
    }

    /// Serves `content`; answers its address.
    pub(crate) fn serve(&self, path: &str, content_type: &'static str, content: impl Into<Bytes>) -> String {
        self.put(path, Page::File(content_type, content.into()))
    }

    /// Sends who asks elsewhere; answers the address that does.
    pub(crate) fn redirect(&self, path: &str, to: &str) -> String {
        self.put(path, Page::Redirect(to.to_owned()))
    }

    fn put(&self, path: &str, page: Page) -> String {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
        format!("https://{HOST}{path}")
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn authority() -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let certificate = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), certificate)
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, pages: Pages) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (tls, pages) = (tls.clone(), pages.clone());
        tokio::spawn(async move {
            // Who hangs up, or does not trust the certificate, is left alone.
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = service_fn(move |request| answer(request, pages.clone()));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>, pages: Pages) -> Result<Response<Full<Bytes>>, Infallible> {
    let page = pages.lock().unwrap().get(request.uri().path()).cloned();
    let response = match page {
        Some(Page::File(kind, content)) => {
            Response::builder().header(CONTENT_TYPE, kind).body(Full::new(content))
        }
        Some(Page::Redirect(to)) => {
            Response::builder().status(StatusCode::FOUND).header(LOCATION, to).body(Full::default())
        }
        None => Response::builder().status(StatusCode::NOT_FOUND).body(Full::default()),
    };
    Ok(response.unwrap())
}
