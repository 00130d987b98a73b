//! What can go wrong. No text in here names a person, a number or a message.

use crate::endpoint::EndpointError;
use crate::file::SourceError;

/// Why a session did not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The endpoint is not one this binary may use.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// What was given as an authority's certificate is none, or is not to be trusted for this endpoint.
    #[error("the authority's certificate is not valid, or the endpoint is not the simulator")]
    Authority,
    /// A later owner has the number.
    #[error("the number belongs to a later owner")]
    Fenced,
    /// The number's state could not be read or written.
    #[error("the number's state is unavailable")]
    Store,
    /// The library refused its configuration.
    #[error("the WhatsApp client could not be built")]
    Client,
}

/// Why a message was not written to the wire, or may not have been. Sending it again under the same id is always safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// There is no logged-in connection now; later there may be.
    #[error("the number is not connected")]
    NotConnected,
    /// A later owner has the number: this one must not send any more.
    #[error("the number belongs to a later owner")]
    Fenced,
    /// WhatsApp knows no device to send to, or the recipient's address is not one that can be sent to.
    #[error("the recipient cannot be sent to")]
    Recipient,
    /// WhatsApp refused a question that sending needs (devices, keys), with its error code.
    #[error("WhatsApp refused a request with code {0}")]
    Refused(u16),
    /// It took longer than [`crate::Session::SEND_LIMIT`].
    #[error("sending took too long")]
    TimedOut,
    /// Encryption or storage failed; nothing was sent.
    #[error("the message could not be encrypted or its keys not be stored")]
    Failed,
}

/// Why a file was not uploaded. Uploading it again is always safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// There is no logged-in connection now, over which WhatsApp gives leave to upload.
    #[error("the number is not connected")]
    NotConnected,
    /// The file's bytes were not had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The media server refused the file with this HTTP status, also with fresh leave and on its other hosts.
    #[error("the media server refused the file with status {0}")]
    Refused(u16),
    /// The connection to the media server failed, or took longer than [`crate::Session::UPLOAD_LIMIT`].
    #[error("the file could not be brought to the media server")]
    Failed,
}

/// Why a question was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is no logged-in connection now.
    #[error("the number is not connected")]
    NotConnected,
    /// WhatsApp refused the question, with its error code; 429 means too many questions.
    #[error("WhatsApp refused the question with code {0}")]
    Refused(u16),
    /// It took longer than [`crate::Session::QUERY_LIMIT`].
    #[error("WhatsApp did not answer in time")]
    TimedOut,
    /// The answer could not be read.
    #[error("the question failed")]
    Failed,
}
