//! The address of the API: a reverse proxy on loopback.
//!
//! In AWS an HTTP API with the `$default` stage answers at the root of a host of its own. The emulation has no hosts to
//! give, only a path, `/_aws/execute-api/ID/$default/…`, so this maps `http://127.0.0.1:8080/…` to it and holds to the
//! gateway's limit of a body. Beside the API stand the mails, texts and webhooks that were sent, under
//! `/_local/`.

use crate::error::Error;
use crate::http::{Answer, Http};
use crate::mailbox::{Mail, Mailbox, Text};
use crate::receiver::{Received, Receiver};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// What API Gateway takes as a body, in bytes.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The proxy, as long as it is kept.
#[derive(Debug)]
pub(crate) struct Gateway {
    task: AbortHandle,
}

struct Target {
    /// The root of the API in the emulation.
    root: String,
    http: Http,
    mailbox: Mailbox,
    receiver: Option<Arc<Receiver>>,
}

impl Gateway {
    /// Listens on `port` for the API whose emulated root is `root`.
    pub(crate) async fn start(
        port: u16,
        root: String,
        http: Http,
        mailbox: Mailbox,
        receiver: Option<Arc<Receiver>>,
    ) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            Error::new(format!(
                "port {port}, meant for the API, is not free ({error}): choose another with --api-port PORT"
            ))
        })?;
        let target = Arc::new(Target { root, http, mailbox, receiver });
        let task = tokio::spawn(accept(listener, target)).abort_handle();
        Ok(Self { task })
    }

    /// Takes no more requests, and lets go of those under way.
    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn accept(listener: TcpListener, target: Arc<Target>) {
    // Aborted together with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(TokioIo::new(stream), from, Arc::clone(&target)));
                }
                // Too many open files, for one: others may close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TokioIo<tokio::net::TcpStream>, from: SocketAddr, target: Arc<Target>) {
    let service = service_fn(move |request| {
        let target = Arc::clone(&target);
        async move { Ok::<_, Infallible>(target.answer(request, from).await) }
    });
    // A client that goes away in the middle is no matter of ours.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(stream, service)
        .await;
}

impl Target {
    async fn answer(&self, request: Request<Incoming>, from: SocketAddr) -> Response<Full<Bytes>> {
        if let Some(page) = request.uri().path().strip_prefix("/_local/") {
            return self.local(page).await;
        }
        let (mut head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
        };
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = format!("{}{path}", self.root).parse() else {
            return message(StatusCode::BAD_REQUEST, "Bad Request");
        };
        head.uri = uri;
        head.headers.remove(CONNECTION);
        head.headers.remove(TRANSFER_ENCODING);
        head.headers.remove(CONTENT_LENGTH);
        head.headers.remove(HOST);
        if let Ok(from) = HeaderValue::from_str(&from.ip().to_string()) {
            head.headers.insert(FORWARDED_FOR, from);
        }
        head.headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
        match self.http.send(Request::from_parts(head, Full::new(body.to_bytes()))).await {
            Ok(answer) => response(answer),
            Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }

    /// What was sent by mail, text and webhook.
    async fn local(&self, page: &str) -> Response<Full<Bytes>> {
        let found = match page {
            "emails" => self
                .mailbox
                .mails()
                .await
                .map(|mails| json!(mails.iter().map(Mail::json).collect::<Vec<_>>())),
            "sms" => self
                .mailbox
                .texts()
                .await
                .map(|texts| json!(texts.iter().map(Text::json).collect::<Vec<_>>())),
            "webhooks" => {
                let received = self.receiver.as_ref().map(|receiver| receiver.received()).unwrap_or_default();
                Ok(json!(received.iter().map(Received::shown).collect::<Vec<_>>()))
            }
            _ => {
                let here = "here are /_local/emails, /_local/sms and /_local/webhooks";
                return message(StatusCode::NOT_FOUND, here);
            }
        };
        match found {
            Ok(found) => json_response(StatusCode::OK, &found),
            Err(error) => message(StatusCode::BAD_GATEWAY, &error.to_string()),
        }
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answer.headers;
    response.headers_mut().remove(CONNECTION);
    response.headers_mut().remove(TRANSFER_ENCODING);
    response
}

/// An answer of the gateway itself, in its shape.
fn message(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    json_response(status, &json!({ "message": message }))
}

fn json_response(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(format!("{body:#}\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
