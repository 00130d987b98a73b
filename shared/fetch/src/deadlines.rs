//! How long a host is waited for.

use std::fmt;
use std::time::Duration;

/// How long each stage may take. A fetch has a time for the whole as well, which its caller gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// From the name to an encrypted connection, at each redirect anew. One of several addresses gets half of it.
    pub connect: Duration,
    /// From there to the end of the answer's head, at each redirect anew.
    pub head: Duration,
    /// From one piece of the body to the next.
    pub idle: Duration,
}

impl Default for Deadlines {
    /// 10 seconds to connect, 15 for the head, 10 between two pieces.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(15),
            idle: Duration::from_secs(10),
        }
    }
}

/// A part of a fetch that has a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// From the name to an encrypted connection.
    Connect,
    /// The answer's head.
    Head,
    /// The next piece of the body.
    Idle,
    /// All of it.
    Total,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Connect => "connecting",
            Stage::Head => "the answer's head",
            Stage::Idle => "the next piece of the body",
            Stage::Total => "the whole",
        })
    }
}
