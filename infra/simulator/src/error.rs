//! What can go wrong in the simulator.

use std::net::SocketAddr;

/// An error of the simulator. The text never carries a key or a message's content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// The address is not a loopback one; the simulator has no access control and stays on the machine.
    #[error("{0} is not a loopback address; the simulator listens on loopback only")]
    NotLoopback(SocketAddr),
    /// A listener could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The state file could not be read, written or understood.
    #[error("state file {path}: {reason}")]
    State {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The media server's certificate could not be written.
    #[error("certificate {path}: {reason}")]
    Certificate {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The peer did not follow the protocol.
    #[error("protocol: {0}")]
    Protocol(String),
    /// A cryptographic step failed.
    #[error("cryptography: {0}")]
    Crypto(String),
    /// A ciphertext came whose key was spent on one before it: the same one again, which is no failure of its sender's.
    #[error("a ciphertext came again")]
    Replay,
    /// The admin API was asked for something that does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The admin API was asked for something that cannot be done.
    #[error("{0}")]
    Invalid(String),
    /// The admin API was given another shape than the request has.
    #[error("{0}")]
    Unprocessable(String),
}

impl SimulatorError {
    pub(crate) fn protocol(reason: impl std::fmt::Display) -> Self {
        Self::Protocol(reason.to_string())
    }

    pub(crate) fn crypto(reason: impl std::fmt::Display) -> Self {
        Self::Crypto(reason.to_string())
    }
}
