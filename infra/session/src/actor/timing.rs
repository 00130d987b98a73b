//! The times that an actor works by.

use std::time::Duration;

/// How long an actor waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long sends are held while their number connects; then they are parked.
    pub grace: Duration,
    /// How long WhatsApp may take to acknowledge a message; then it is sent again over a new connection.
    pub ack: Duration,
    /// The longest that one message may take to be written.
    pub write: Duration,
    /// How long a log-out may take.
    pub logout: Duration,
    /// How long a connection may take to close in order.
    pub shutdown: Duration,
    /// For how long an answer about a recipient on WhatsApp is remembered.
    pub known: Duration,
    /// For how long it is remembered that a recipient is not on WhatsApp.
    pub unknown: Duration,
    /// For how long those behind a send wait while it cannot be written, or its file not be uploaded. A store or WhatsApp that
    /// is out of reach for a while comes back within it, so that the number's order holds.
    pub patience: Duration,
    /// When a send that cannot be written or is never acknowledged is tried again by the sweeper.
    pub set_aside: Duration,
    /// For how long a number that is not wanted connected keeps its actor after its last command.
    pub idle: Duration,
    /// The first wait before a connection that ended is started again, and the longest.
    pub restart: (Duration, Duration),
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(30),
            ack: Duration::from_secs(20),
            write: Duration::from_secs(65),
            logout: Duration::from_secs(15),
            shutdown: Duration::from_secs(10),
            known: Duration::from_secs(24 * 3600),
            unknown: Duration::from_secs(300),
            patience: Duration::from_secs(3 * 60),
            set_aside: Duration::from_secs(15 * 60),
            idle: Duration::from_secs(60),
            restart: (Duration::from_secs(1), Duration::from_secs(300)),
        }
    }
}
