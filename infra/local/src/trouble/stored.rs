//! When events on their way to webhooks were stored, as the requests that did it passed by.

use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The sort keys of events in their table.
const EVENT: &str = "EVENT#";

/// When an event was stored, by this process's clock, which nothing moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// When it was first asked for.
    pub asked: Instant,
    /// By when it was done.
    pub done: Instant,
}

/// Of each event, by its id, when it was asked for and when it was done.
#[derive(Debug, Default)]
pub(super) struct StoredEvents(Mutex<BTreeMap<String, (Instant, Option<Instant>)>>);

impl StoredEvents {
    /// The event that a request puts, which is asked for now if it was not before.
    pub(super) fn asked(&self, body: &[u8]) -> Option<String> {
        let put: Value = serde_json::from_slice(body).ok()?;
        let event = put["Item"]["sk"]["S"].as_str()?.strip_prefix(EVENT)?.to_owned();
        self.lock().entry(event.clone()).or_insert_with(|| (Instant::now(), None));
        Some(event)
    }

    /// What became of it: it is there now, unless it was before.
    pub(super) fn answered(&self, event: &str, status: u16, body: &Bytes) {
        let is_there = || {
            let refused: Value = serde_json::from_slice(body).unwrap_or_default();
            refused["__type"].as_str().is_some_and(|code| code.ends_with("ConditionalCheckFailedException"))
        };
        if status == 200 || is_there() {
            self.lock().entry(event.to_owned()).and_modify(|(_, done)| {
                done.get_or_insert_with(Instant::now);
            });
        }
    }

    /// Those that were stored.
    pub(super) fn all(&self) -> BTreeMap<String, Stored> {
        let stored = |(event, (asked, done)): (&String, &(Instant, Option<Instant>))| {
            Some((event.clone(), Stored { asked: *asked, done: (*done)? }))
        };
        self.lock().iter().filter_map(stored).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Instant, Option<Instant>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn put(sk: &str) -> Vec<u8> {
        json!({"TableName": "t", "Item": {"pk": {"S": "STREAM#a"}, "sk": {"S": sk}}}).to_string().into_bytes()
    }

    #[test]
    fn an_event_is_stored_from_when_it_was_first_asked_for_until_it_is_there() {
        let events = StoredEvents::default();
        assert_eq!(events.asked(&put("PART#e#001")), None, "what belongs to an event is none");
        assert_eq!(events.asked(b"no JSON"), None);
        for event in ["refused", "repeated", "stored"] {
            assert_eq!(events.asked(&put(&format!("EVENT#{event}"))).as_deref(), Some(event));
        }
        let between = Instant::now();
        events.asked(&put("EVENT#stored"));
        let throttled = json!({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"});
        events.answered("refused", 400, &throttled.to_string().into());
        // Its first answer was lost on the way here.
        let repeated = json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"});
        events.answered("repeated", 400, &repeated.to_string().into());
        events.answered("stored", 200, &Bytes::from_static(b"{}"));
        let first = events.all();
        assert_eq!(first.keys().collect::<Vec<_>>(), ["repeated", "stored"]);
        assert!(first["stored"].asked <= between && between <= first["stored"].done);
        events.answered("stored", 400, &repeated.to_string().into());
        assert_eq!(events.all(), first, "once and for all");
    }
}
