//! One request over plain HTTP, to what runs on the same machine.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The most of an answer's body that is read, in bytes.
const MOST: usize = 16 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("no connection: {0}")]
    Unreachable(#[from] std::io::Error),
    #[error("no answer: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the answer's body is broken, or longer than {MOST} bytes")]
    Body,
    #[error("no answer in time")]
    Late,
}

/// Makes a request of `authority`, a host and its port (80, where none is named); the answer, if it is there within `patience`.
pub(crate) async fn ask(
    authority: &str,
    request: Request<Full<Bytes>>,
    patience: Duration,
) -> Result<Response<Bytes>, NoAnswer> {
    timeout(patience, exchange(authority, request)).await.map_err(|_| NoAnswer::Late)?
}

async fn exchange(authority: &str, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, NoAnswer> {
    let stream = match authority.contains(':') {
        true => TcpStream::connect(authority).await?,
        false => TcpStream::connect((authority, 80)).await?,
    };
    if let Ok(host) = HeaderValue::from_str(authority) {
        request.headers_mut().insert(HOST, host);
    }
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let answered = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, MOST).collect().await.map_err(|_| NoAnswer::Body)?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    tokio::pin!(answered);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        // It ends with the answer's last byte, which the answer still has to take.
        _ = connection => answered.await,
    }
}
