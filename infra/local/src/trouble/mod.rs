//! An AWS in trouble: a proxy to the emulated one that throttles, fails, loses answers, is slow, and has queues say things twice,
//! late and in another order.

mod call;
mod queued;
mod stored;
#[cfg(test)]
mod tests;

use crate::dice::Dice;
use crate::error::{Error, While};
use crate::http::{Answer, Http};
use bytes::Bytes;
use call::{Call, Refusal};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use queued::{Kind, Queued};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub use stored::Stored;
use stored::StoredEvents;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// How long a slow answer waits.
const SLOW: Duration = Duration::from_millis(1_500);
/// When a doubled message is said again: at once, or when others have come in between.
const AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(4)];
/// How long at least and at most a message to a FIFO queue is held up, so that other groups pass it, in milliseconds.
const HELD: (u64, u64) = (100, 2_500);
/// How many seconds at most a standard queue keeps a message to itself, so that later ones come before it.
const DELAY: u64 = 5;

/// How many of a hundred requests to DynamoDB, SQS and S3 meet what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Refused, and nothing is done.
    pub throttled: u8,
    /// Failed, and nothing is done.
    pub failed: u8,
    /// Done, and answered with a failure.
    pub denied: u8,
    /// Done, and the answer is lost.
    pub lost: u8,
    /// Done, and answered late.
    pub slow: u8,
    /// Of the messages to a queue: put there twice.
    pub doubled: u8,
    /// Of the messages to a queue that are not: overtaken by others. A FIFO queue keeps the order within a group, as SQS's do.
    pub overtaken: u8,
}

/// The proxy, until it is dropped.
#[derive(Debug)]
pub struct Trouble {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: AbortHandle,
}

#[derive(Debug)]
struct Inner {
    /// The emulated AWS.
    to: String,
    http: Http,
    rates: Mutex<Rates>,
    dice: Mutex<Dice>,
    count: AtomicU64,
    events: StoredEvents,
}

enum Verdict {
    Pass,
    Refuse(Refusal),
    Deny,
    Lose,
    Slow,
    Double(Duration),
    HoldUp(Duration),
    Delay(u64),
}

impl Trouble {
    /// A proxy to the emulated AWS at that endpoint, without trouble at first.
    pub(crate) async fn start(to: String, http: &Http, seed: u64) -> Result<Self, Error> {
        let doing = "listen before the emulated AWS";
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.or_cannot(doing)?;
        let address = listener.local_addr().or_cannot(doing)?;
        let inner = Arc::new(Inner {
            to,
            http: http.clone(),
            rates: Mutex::default(),
            dice: Mutex::new(Dice::new(seed)),
            count: AtomicU64::new(0),
            events: StoredEvents::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&inner))).abort_handle();
        Ok(Self { address, inner, task })
    }

    /// Where it is.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What requests meet from now on.
    pub fn set(&self, rates: Rates) {
        *self.inner.rates.lock().unwrap_or_else(PoisonError::into_inner) = rates;
    }

    /// How many requests met trouble.
    pub fn count(&self) -> u64 {
        self.inner.count.load(Ordering::Relaxed)
    }

    /// When each event on its way to webhooks was stored, by its id.
    pub fn stored_events(&self) -> BTreeMap<String, Stored> {
        self.inner.events.all()
    }
}

impl Drop for Trouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    // Aborted together with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let inner = Arc::clone(&inner);
                    connections.spawn(async move {
                        let service = service_fn(move |request| {
                            let inner = Arc::clone(&inner);
                            async move { inner.answer(request).await }
                        });
                        // A lost answer is an error of the service: the connection breaks.
                        let _ = hyper::server::conn::http1::Builder::new()
                            .timer(TokioTimer::new())
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Inner {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.or_cannot("read a request")?.to_bytes();
        let Some(call) = Call::of(&head) else { return self.pass(&head, body).await };
        let event = call.is_put().then(|| self.events.asked(&body)).flatten();
        let queued = call.is_send().then(|| Queued::read(&body)).flatten();
        let verdict = self.judge(queued.as_ref());
        if !matches!(verdict, Verdict::Pass) {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        match verdict {
            Verdict::Pass => self.carry_out(head, body, event).await,
            Verdict::Refuse(refusal) => Ok(call.refused(refusal)),
            Verdict::Deny => {
                self.carry_out(head, body, event).await?;
                Ok(call.refused(Refusal::Failed))
            }
            Verdict::Lose => {
                self.carry_out(head, body, event).await?;
                Err(Error::new("an answer was lost"))
            }
            Verdict::Slow => {
                let answer = self.carry_out(head, body, event).await;
                tokio::time::sleep(SLOW).await;
                answer
            }
            Verdict::HoldUp(wait) => {
                tokio::time::sleep(wait).await;
                self.pass(&head, body).await
            }
            Verdict::Delay(seconds) => {
                let body = queued.map_or(body, |queued| queued.delayed(seconds));
                self.pass(&head, body).await
            }
            Verdict::Double(wait) => {
                let answer = self.pass(&head, body).await;
                if let Some(queued) = queued {
                    let inner = Arc::clone(&self);
                    tokio::spawn(async move {
                        tokio::time::sleep(wait).await;
                        let _ = inner.pass(&head, queued.again()).await;
                    });
                }
                answer
            }
        }
    }

    /// What a request meets; `queued` is what it puts into a queue, if it does.
    fn judge(&self, queued: Option<&Queued>) -> Verdict {
        let rates = *self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queued) = queued {
            if dice.below(100) < u64::from(rates.doubled) {
                let wait = AGAIN.get(usize::try_from(dice.below(3)).unwrap_or(0));
                return Verdict::Double(wait.copied().unwrap_or_default());
            }
            if dice.below(100) < u64::from(rates.overtaken) {
                return match queued.kind() {
                    Kind::Standard => Verdict::Delay(dice.between(1, DELAY)),
                    Kind::Fifo => Verdict::HoldUp(Duration::from_millis(dice.between(HELD.0, HELD.1))),
                };
            }
        }
        let mut fall = dice.below(100);
        for (rate, verdict) in [
            (rates.throttled, Verdict::Refuse(Refusal::Throttled)),
            (rates.failed, Verdict::Refuse(Refusal::Failed)),
            (rates.denied, Verdict::Deny),
            (rates.lost, Verdict::Lose),
            (rates.slow, Verdict::Slow),
        ] {
            match fall.checked_sub(u64::from(rate)) {
                Some(rest) => fall = rest,
                None => return verdict,
            }
        }
        Verdict::Pass
    }

    /// Passes a request on, and notes the event that it stores, if it does. Beside the connection: whoever asked may be gone before
    /// it is done, and it is done all the same.
    async fn carry_out(
        self: Arc<Self>,
        head: Parts,
        body: Bytes,
        event: Option<String>,
    ) -> Result<Response<Full<Bytes>>, Error> {
        let done = async move {
            let answer = self.send(&head, body).await?;
            if let Some(event) = event {
                self.events.answered(&event, answer.status, &answer.body);
            }
            Ok(response(answer))
        };
        tokio::spawn(done).await.or_cannot("pass a request on")?
    }

    async fn pass(&self, head: &Parts, body: Bytes) -> Result<Response<Full<Bytes>>, Error> {
        self.send(head, body).await.map(response)
    }

    async fn send(&self, head: &Parts, body: Bytes) -> Result<Answer, Error> {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = format!("{}{path}", self.to).parse().or_cannot("pass a request on")?;
        *request.headers_mut() = head.headers.clone();
        for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
            request.headers_mut().remove(name);
        }
        self.http.send(request).await
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answer.headers;
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        response.headers_mut().remove(name);
    }
    response
}
