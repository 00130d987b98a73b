//! What the receiver got.

use bytes::Bytes;
use hyper::http::request::Parts;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many requests are kept.
const MOST: usize = 10_000;

/// A request that came to the receiver. It may hold a QR or what people wrote: it is shown to whoever runs the system, and not
/// logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The method, `POST` from us.
    pub method: String,
    /// The path.
    pub path: String,
    /// The headers, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
}

impl Received {
    pub(super) fn new(head: &Parts, body: Bytes) -> Self {
        let text =
            |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers: headers.collect(),
            body,
        }
    }

    /// A header; empty when it did not come.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn shown(&self) -> Value {
        let body = match self.json() {
            Value::Null => json!(String::from_utf8_lossy(&self.body)),
            body => body,
        };
        json!({"method": self.method, "path": self.path, "headers": self.headers, "body": body})
    }
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Received({} {}, {} bytes)", self.method, self.path, self.body.len())
    }
}

/// The latest requests.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<VecDeque<Received>>);

impl Log {
    pub(super) fn push(&self, received: Received) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == MOST {
            log.pop_front();
        }
        log.push_back(received);
    }

    pub(super) fn take(&self) -> Vec<Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    pub(super) fn all(&self) -> Vec<Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
