//! A receiver of webhooks on this machine, for trials and tests: HTTPS at a name that the functions take for one on the Internet.

mod answers;
mod authority;
mod received;

pub use answers::Reply;
pub use received::Received;

use crate::error::{Error, While};
use answers::Replies;
use authority::Authority;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use received::Log;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// The host of its addresses: `https://webhooks.carteiro.test/any/path`.
pub const RECEIVER_HOST: &str = "webhooks.carteiro.test";

/// The longest body that it takes, in bytes.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// The receiver, until it is dropped. It takes every POST, keeps it, and answers 200 unless told otherwise for its path.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    certificate: String,
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    log: Log,
    replies: Replies,
}

impl Receiver {
    pub(crate) async fn start() -> Result<Self, Error> {
        let authority = Authority::generate(RECEIVER_HOST)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.or_cannot("listen for webhooks")?;
        let address = listener.local_addr().or_cannot("listen for webhooks")?;
        let shared = Arc::<Shared>::default();
        let task = tokio::spawn(accept(listener, authority.tls, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, certificate: authority.pem, shared, task })
    }

    /// The address of a path of it, as a webhook has it.
    pub fn url(&self, path: &str) -> String {
        format!("https://{RECEIVER_HOST}{path}")
    }

    /// What came so far, oldest first; the last ten thousand.
    pub fn received(&self) -> Vec<Received> {
        self.shared.log.all()
    }

    /// What came to a path, oldest first.
    pub fn received_at(&self, path: &str) -> Vec<Received> {
        let mut received = self.received();
        received.retain(|received| received.path == path);
        received
    }

    /// What came since it was taken last, oldest first.
    pub fn take(&self) -> Vec<Received> {
        self.shared.log.take()
    }

    /// From now on, what comes to `path` is answered like this; what is refused or not answered is kept all the same.
    pub fn reply(&self, path: &str, reply: Reply) {
        self.shared.replies.set(path, reply);
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    // Aborted together with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, tls.clone(), Arc::clone(&shared)));
                }
                // Too many open files, for one: others may close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) {
    // Who does not trust the certificate, or hangs up, is left alone.
    let Ok(stream) = tls.accept(stream).await else { return };
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { answer(request, &shared).await }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let path = head.uri.path().to_owned();
    shared.log.push(Received::new(&head, body.to_bytes()));
    Ok(match shared.replies.next(&path) {
        Reply::Status(status) => empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
        Reply::RetryAfter(seconds) => {
            let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Reply::After(wait) => {
            tokio::time::sleep(wait).await;
            empty(StatusCode::OK)
        }
        Reply::Never => std::future::pending().await,
    })
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
