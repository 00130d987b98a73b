//! What the receiver answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What the receiver answers to what comes to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// This status, at once.
    Status(u16),
    /// 503, with this many seconds in `Retry-After`.
    RetryAfter(u32),
    /// 200, after this long.
    After(Duration),
    /// Nothing, until the other side gives up.
    Never,
}

/// What is answered, by path.
#[derive(Debug, Default)]
pub(super) struct Replies(Mutex<BTreeMap<String, Reply>>);

impl Replies {
    pub(super) fn set(&self, path: &str, reply: Reply) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), reply);
    }

    pub(super) fn next(&self, path: &str) -> Reply {
        let replies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        replies.get(path).copied().unwrap_or(Reply::Status(200))
    }
}
