//! Tells over HTTP whether the task is well, on the loopback interface, for the container's health check.

use crate::health::{Health, Status};
use crate::plain_http;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// How long a client may take, or the task.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers every request with what is known, until it is dropped.
pub async fn serve(listener: TcpListener, health: Arc<Health>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(answer(client, health.clone()))),
            Err(error) => {
                tracing::warn!(%error, "health: a client was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(client: TcpStream, health: Arc<Health>) {
    let service = service_fn(|_| async { Ok::<_, Infallible>(response(&health)) });
    let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(client), service);
    // What becomes of a client that goes away or is slow is its own matter.
    let _ = timeout(PATIENCE, connection).await;
}

fn response(health: &Health) -> Response<Full<Bytes>> {
    let report = health.report();
    let mut response = Response::new(Full::new(Bytes::from(serde_json::to_vec(&report).unwrap_or_default())));
    if report.status == Status::Failing {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A task that should be replaced, with what it said of itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwell {
    /// It does not answer.
    #[error("the task does not answer")]
    Silent,
    /// It says why.
    #[error("the task is not well: {0}")]
    Says(String),
}

/// Asks a running task, as the container's health check does: what it says of itself, if it is well.
///
/// # Errors
/// [`Unwell`]: it should be replaced.
pub async fn ask(address: SocketAddr) -> Result<String, Unwell> {
    let request = Request::new(Full::new(Bytes::new()));
    let answer =
        plain_http::ask(&address.to_string(), request, PATIENCE).await.map_err(|_| Unwell::Silent)?;
    let says = String::from_utf8_lossy(answer.body()).into_owned();
    if answer.status() == StatusCode::OK { Ok(says) } else { Err(Unwell::Says(says)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn says_over_http_whether_the_task_is_well() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let health = Arc::new(Health::default());
        health.set_shards(3);
        let server = tokio::spawn(serve(listener, health.clone()));
        assert_eq!(ask(address).await.unwrap(), r#"{"status":"ok","shards":3,"reasons":[]}"#);
        health.stops();
        assert!(ask(address).await.unwrap().contains("STOPPING"));
        health.lose();
        let Err(Unwell::Says(why)) = ask(address).await else { panic!("it is not well") };
        assert!(why.contains(r#"{"code":"LEASE_LOST","seconds":30}"#), "{why}");
        server.abort();
        let _ = server.await;
        assert_eq!(ask(address).await, Err(Unwell::Silent), "nobody listens");
    }

    #[tokio::test]
    async fn who_asks_nothing_keeps_nobody_waiting() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, Arc::new(Health::default())));
        let silent = TcpStream::connect(address).await.unwrap();
        assert!(ask(address).await.is_ok());
        drop(silent);
        server.abort();
    }
}
