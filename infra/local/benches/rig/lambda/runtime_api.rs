//! The Lambda Runtime API: what a bootstrap asks for its next event and answers to.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use bytes::Bytes;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};
use tokio::task::AbortHandle;

/// Why an invocation gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The function answered with an error, such as a panic or a handler's `Err`.
    #[error("the function failed: {0}")]
    Function(String),
    /// The function did not answer in its time.
    #[error("the function did not answer within {0:?}")]
    TimedOut(Duration),
    /// The Runtime API is gone.
    #[error("the runtime is gone")]
    Gone,
}

struct Invocation {
    id: String,
    event: Bytes,
    timeout: Duration,
    answer: oneshot::Sender<Result<Bytes, Failure>>,
}

type Answers = HashMap<String, oneshot::Sender<Result<Bytes, Failure>>>;

struct Shared {
    waiting: AsyncMutex<mpsc::Receiver<Invocation>>,
    running: Mutex<Answers>,
    asked: watch::Sender<Option<Instant>>,
}

impl Shared {
    fn running(&self) -> std::sync::MutexGuard<'_, Answers> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A Runtime API on a loopback port, for any number of processes of one function. It ends when it is dropped.
pub(crate) struct RuntimeApi {
    /// Where it listens: `AWS_LAMBDA_RUNTIME_API` of the processes.
    pub(crate) address: SocketAddr,
    asked: watch::Receiver<Option<Instant>>,
    server: AbortHandle,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Invokes the function behind a [`RuntimeApi`].
#[derive(Clone)]
pub(crate) struct Invoker {
    queue: mpsc::Sender<Invocation>,
    next: Arc<std::sync::atomic::AtomicU64>,
}

impl Invoker {
    /// Hands the function an event and waits for its answer.
    pub(crate) async fn invoke(&self, event: Bytes, timeout: Duration) -> Result<Bytes, Failure> {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{number:012x}");
        let (answer, answered) = oneshot::channel();
        self.queue.send(Invocation { id, event, timeout, answer }).await.map_err(|_| Failure::Gone)?;
        match tokio::time::timeout(timeout, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Failure::Gone),
            Err(_) => Err(Failure::TimedOut(timeout)),
        }
    }
}

impl RuntimeApi {
    /// Starts one on a free port.
    pub(crate) async fn start() -> std::io::Result<(RuntimeApi, Invoker)> {
        let (queue, waiting) = mpsc::channel(1024);
        let (asking, asked) = watch::channel(None);
        let shared =
            Arc::new(Shared { waiting: AsyncMutex::new(waiting), running: Mutex::default(), asked: asking });
        let router = axum::Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(axum::extract::DefaultBodyLimit::max(8 << 20))
            .with_state(shared);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Ok((RuntimeApi { address, asked, server }, Invoker { queue, next: Arc::default() }))
    }

    /// Waits until a process first asks for an event, which ends its init: when that was.
    pub(crate) async fn asked(&self) -> Result<Instant, Failure> {
        let mut asked = self.asked.clone();
        let asked = asked.wait_for(Option::is_some).await.map_err(|_| Failure::Gone)?;
        asked.ok_or(Failure::Gone)
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.send_if_modified(|asked| asked.replace(asked.unwrap_or_else(Instant::now)).is_none());
    let Some(Invocation { id, event, timeout, answer }) = shared.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + timeout;
    let mut headers = HeaderMap::new();
    let fields = [
        ("lambda-runtime-aws-request-id", id.clone()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:000000000000:function:local".into(),
        ),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    shared.running().insert(id, answer);
    (headers, event).into_response()
}

fn complete(shared: &Shared, id: &str, result: Result<Bytes, Failure>) -> StatusCode {
    let Some(answer) = shared.running().remove(id) else {
        return StatusCode::BAD_REQUEST;
    };
    // Nobody listens any more once the invocation timed out; the function is not to blame.
    let _ = answer.send(result);
    StatusCode::ACCEPTED
}

async fn response(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    complete(&shared, &id, Ok(body))
}

async fn error(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    complete(&shared, &id, Err(Failure::Function(String::from_utf8_lossy(&body).into_owned())))
}

async fn init_error(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    let text = String::from_utf8_lossy(&body).into_owned();
    let mut waiting = shared.waiting.lock().await;
    while let Ok(invocation) = waiting.try_recv() {
        let _ = invocation.answer.send(Err(Failure::Function(text.clone())));
    }
    StatusCode::ACCEPTED
}
