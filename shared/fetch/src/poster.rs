//! Posts.

use crate::connector::Connector;
use crate::exchange::{self, Answer, malformed};
use crate::{Deadlines, FetchError, Fetcher, Unreachable};
use async_trait::async_trait;
use carteiro_core::media::MediaUrl;
use carteiro_core::ports::{Letter, LetterAnswer, NotPosted, Postman};
use carteiro_core::webhook::TryFailure;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use std::error::Error;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How much of an answer's body is read, in bytes. The rest is not waited for.
const MOST_OF_BODY: usize = 4 * 1024;

/// Posts to addresses that tenants name, under the guard that fetches are under. Nothing is followed: a redirect is an answer.
/// What is read of an answer is its head, of up to 64 KB, and the first 4 KB of its body.
#[derive(Clone)]
pub struct Poster {
    connector: Connector,
    deadlines: Deadlines,
}

impl Poster {
    /// Five seconds to connect, ten for the answer's head, and one for what it says: [`carteiro_core::ports::POST_TIME`] together.
    pub const DEADLINES: Deadlines = Deadlines {
        connect: Duration::from_secs(5),
        head: Duration::from_secs(10),
        idle: Duration::from_secs(1),
    };

    /// A poster by the side of a fetcher that was made with [`Poster::DEADLINES`]: it trusts the same authorities and reaches the
    /// same hosts.
    pub fn new(fetcher: Fetcher) -> Self {
        let (connector, deadlines) = fetcher.into_parts();
        Self { connector, deadlines }
    }

    async fn exchange(&self, letter: Letter) -> Result<LetterAnswer, FetchError> {
        let url = letter.url.as_media_url();
        let request = request(url, &letter)?.body(Full::new(Bytes::from(letter.body)));
        let request = request.map_err(|_| malformed())?;
        let answer = exchange::ask(&self.connector, url, request, self.deadlines).await?;
        let status = answer.response.status().as_u16();
        let retry_after = answer.response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(LetterAnswer { status, retry_after, body: beginning(answer, self.deadlines.idle).await })
    }
}

/// The first bytes of a body, as far as they come within a time. The status has come by then, which is what counts.
async fn beginning(answer: Answer, within: Duration) -> Vec<u8> {
    let end = Instant::now() + within;
    let Answer { response, connection: _open } = answer;
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while bytes.len() < MOST_OF_BODY {
        let Ok(Some(Ok(frame))) = timeout_at(end, body.frame()).await else { break };
        if let Ok(piece) = frame.into_data() {
            bytes.extend_from_slice(&piece[..piece.len().min(MOST_OF_BODY - bytes.len())]);
        }
    }
    bytes
}

fn request(url: &MediaUrl, letter: &Letter) -> Result<hyper::http::request::Builder, FetchError> {
    let builder = exchange::begin(Request::post(exchange::target(url)), url)?;
    let builder = builder.header(CONTENT_TYPE, letter.content_type);
    letter.headers.iter().try_fold(builder, |builder, (name, value)| {
        let value = HeaderValue::from_str(value).map_err(|_| malformed())?;
        Ok(builder.header(*name, value))
    })
}

#[async_trait]
impl Postman for Poster {
    async fn post(&self, letter: Letter) -> Result<LetterAnswer, NotPosted> {
        self.exchange(letter)
            .await
            .map_err(|error| NotPosted { failure: failure(&error), reason: chain(&error) })
    }
}

/// What kind of failure an error is.
fn failure(error: &FetchError) -> TryFailure {
    match error {
        FetchError::Forbidden(_) => TryFailure::Forbidden,
        FetchError::TimedOut(_) => TryFailure::TimedOut,
        FetchError::Unreachable(Unreachable::Tls(_)) => TryFailure::Tls,
        _ => TryFailure::Unreachable,
    }
}

/// The texts of an error and of what caused it, none of which names more of the address than its host.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |error| (*error).source()) {
        let text = error.to_string();
        if !texts.last().is_some_and(|last| last.ends_with(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}
