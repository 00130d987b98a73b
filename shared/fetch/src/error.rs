//! Why a fetch failed.

use crate::Stage;
use carteiro_core::media::InvalidMediaUrl;
use carteiro_core::send::Failure;
use std::io;

/// Why there is no file. None of these carries the address that was asked for, whose query may be a signature.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address, or one that it redirects to, leads to where we do not fetch from.
    #[error("forbidden: {0}")]
    Forbidden(#[from] Forbidden),
    /// There is no connection, or no answer in HTTP.
    #[error("unreachable: {0}")]
    Unreachable(#[from] Unreachable),
    /// Something took too long.
    #[error("timed out at {0}")]
    TimedOut(Stage),
    /// The status is not 200.
    #[error("status {0}")]
    Status(u16),
    /// A redirect without an address that can be read.
    #[error("a redirect to nowhere")]
    BadRedirect,
    /// More than [`crate::MAX_REDIRECTS`] redirects.
    #[error("too many redirects")]
    TooManyRedirects,
    /// The body is compressed though that was not asked for. It is not unpacked: a small body can be a huge file.
    #[error("the body is compressed")]
    Compressed,
    /// The body ended before its announced length or its last chunk, or the connection broke.
    #[error("the body broke off: {0}")]
    BrokenOff(hyper::Error),
    /// The body is, or is announced, longer than the caller takes.
    #[error("the file is too large")]
    TooLarge,
    /// The body is empty.
    #[error("the file is empty")]
    Empty,
    /// The file could not be written here; nothing of the address is to blame.
    #[error("the file could not be written: {0}")]
    File(io::Error),
}

/// What is not fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// None of the host's addresses is one of the public Internet: they are private, local, reserved, or carry such a one.
    #[error("the host has no public address")]
    Address,
    /// A redirect leads to what is not taken as an address in the first place.
    #[error("a redirect: {0}")]
    Redirect(InvalidMediaUrl),
}

/// Why a host gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// Its name could not be resolved.
    #[error("the name does not resolve: {0}")]
    Name(io::Error),
    /// None of its addresses took a connection; the last one's error.
    #[error("no connection: {0}")]
    Connection(io::Error),
    /// No TLS: its certificate is not trusted or for another name, or it speaks something else.
    #[error("no TLS: {0}")]
    Tls(io::Error),
    /// No answer in HTTP/1.1.
    #[error("no answer in HTTP: {0}")]
    Http(hyper::Error),
}

impl FetchError {
    /// The failure of a send whose file this was. `None` when the fault is on our side ([`FetchError::File`]): then the send is to
    /// be tried again.
    pub fn failure(&self) -> Option<Failure> {
        match self {
            FetchError::Forbidden(_) => Some(Failure::MediaForbidden),
            FetchError::TooLarge | FetchError::Empty => Some(Failure::MediaSize),
            FetchError::File(_) => None,
            FetchError::Unreachable(_)
            | FetchError::TimedOut(_)
            | FetchError::Status(_)
            | FetchError::BadRedirect
            | FetchError::TooManyRedirects
            | FetchError::Compressed
            | FetchError::BrokenOff(_) => Some(Failure::MediaUnreachable),
        }
    }

    /// Whether the same fetch may well succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            FetchError::Unreachable(Unreachable::Tls(_)) => false,
            FetchError::Unreachable(_)
            | FetchError::TimedOut(_)
            | FetchError::BrokenOff(_)
            | FetchError::File(_) => true,
            FetchError::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            FetchError::Forbidden(_)
            | FetchError::BadRedirect
            | FetchError::TooManyRedirects
            | FetchError::Compressed
            | FetchError::TooLarge
            | FetchError::Empty => false,
        }
    }
}
