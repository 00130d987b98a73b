//! Posting to receivers.

use crate::webhook::{ReceiverUrl, TryFailure};
use async_trait::async_trait;
use jiff::SignedDuration;

/// What is posted.
#[derive(Clone)]
pub struct Letter {
    /// Where to.
    pub url: ReceiverUrl,
    /// The body's type.
    pub content_type: &'static str,
    /// Further headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a receiver answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` as it came.
    pub retry_after: Option<String>,
    /// The beginning of the body.
    pub body: Vec<u8>,
}

/// Why there was no answer. The text is for the log; it tells nothing of the address but its host's ways.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotPosted {
    /// What kind of failure it is.
    pub failure: TryFailure,
    /// What happened.
    pub reason: String,
}

/// Posts to addresses that tenants name, and to nothing but the public Internet. Redirects are not followed: they are answers.
#[async_trait]
pub trait Postman: Send + Sync + 'static {
    /// Posts a letter and waits for the answer, for [`POST_TIME`] at most.
    async fn post(&self, letter: Letter) -> Result<LetterAnswer, NotPosted>;
}

/// The most time that one post takes: five seconds to connect, ten for the answer, one for what it says.
pub const POST_TIME: SignedDuration = SignedDuration::from_secs(16);
