//! A message on its way into a queue, and what can befall it there.

use bytes::Bytes;
use serde_json::{Value, json};

/// The request that puts it there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Queued(Value);

/// Of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Delivers in any order, sometimes twice.
    Standard,
    /// Keeps the order within a group.
    Fifo,
}

impl Queued {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().filter(Value::is_object).map(Self)
    }

    pub(super) fn kind(&self) -> Kind {
        match self.0["QueueUrl"].as_str() {
            Some(url) if url.ends_with(".fifo") => Kind::Fifo,
            _ => Kind::Standard,
        }
    }

    /// The same message once more. In a FIFO queue it has another name, so that the queue does not know it for the same.
    pub(super) fn again(self) -> Bytes {
        let mut message = self.0;
        if let Some(name) = message["MessageDeduplicationId"].as_str() {
            message["MessageDeduplicationId"] = json!(format!("{name}:again"));
        }
        Bytes::from(message.to_string())
    }

    /// The same message, to be kept back by the queue for so many seconds more. Only a standard queue takes that.
    pub(super) fn delayed(self, seconds: u64) -> Bytes {
        let mut message = self.0;
        let delay = message["DelaySeconds"].as_u64().unwrap_or(0) + seconds;
        // More than a quarter of an hour is refused.
        message["DelaySeconds"] = json!(delay.min(900));
        Bytes::from(message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Queued {
        Queued::read(body.to_string().as_bytes()).unwrap()
    }

    fn written(body: Bytes) -> Value {
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn a_fifo_queue_takes_the_same_again_under_another_name() {
        let message = read(json!({"QueueUrl": "http://a/b/x.fifo", "MessageDeduplicationId": "n"}));
        assert_eq!(message.kind(), Kind::Fifo);
        assert_eq!(written(message.again())["MessageDeduplicationId"], "n:again");
    }

    #[test]
    fn a_standard_queue_takes_the_same_again_and_delays_it() {
        let body = json!({"QueueUrl": "http://a/b/x-events", "MessageBody": "m"});
        let message = read(body.clone());
        assert_eq!(message.kind(), Kind::Standard);
        assert_eq!(written(message.clone().again()), body);
        assert_eq!(written(message.delayed(3))["DelaySeconds"], 3);
        assert_eq!(written(read(json!({"DelaySeconds": 899})).delayed(3))["DelaySeconds"], 900);
        assert_eq!(Queued::read(b"no JSON"), None);
    }
}
