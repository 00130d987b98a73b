//! A send as the API shows it.

use super::moment::written;
use crate::media::MediaType;
use crate::send::Send;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// A send as a report lists it. What has not happened yet is null. It holds the message's text, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    send_id: String,
    from_number: String,
    to_number: String,
    message: String,
    message_type: MediaType,
    status: &'static str,
    error_code: Option<String>,
    reason: Option<String>,
    waiting: Option<&'static str>,
    date_time_queue: String,
    date_time_send: Option<String>,
    date_time_delivered: Option<String>,
    date_time_read: Option<String>,
}

impl Item {
    /// The item of a send, its times written in `zone`.
    pub fn new(send: &Send, zone: &TimeZone) -> Self {
        let optional = |at: Option<Timestamp>| at.map(|at| written(at, zone));
        Self {
            send_id: send.id.to_string(),
            from_number: send.from.to_string(),
            to_number: send.to.to_string(),
            message: send.content.summary().to_owned(),
            message_type: send.content.media_type(),
            status: send.status.as_str(),
            error_code: send.failure.as_ref().map(|failure| failure.code()),
            reason: send.failure.as_ref().map(ToString::to_string),
            waiting: send.waiting.filter(|_| send.status.is_pending()).map(|why| why.as_str()),
            date_time_queue: written(send.queued_at, zone),
            date_time_send: optional(send.sent_at),
            date_time_delivered: optional(send.delivered_at),
            date_time_read: optional(send.read_at),
        }
    }

    /// At most how many bytes it takes as JSON.
    pub(crate) fn json_size(&self) -> usize {
        // What is not the message is plain text of bounded length.
        1_024 + json_size(&self.message)
    }
}

/// A send as `GET /v2/sends/{send_id}` shows it: what a report lists, and what only matters for one.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SendDetails {
    #[serde(flatten)]
    item: Item,
    resolved_to: Option<String>,
    date_time_processing: Option<String>,
    date_time_expires: String,
}

impl SendDetails {
    /// The details of a send, its times written in `zone`.
    pub fn new(send: &Send, zone: &TimeZone) -> Self {
        Self {
            item: Item::new(send, zone),
            resolved_to: send.resolved_to.clone(),
            date_time_processing: send.processing_at.map(|at| written(at, zone)),
            date_time_expires: written(send.expires_at, zone),
        }
    }
}

/// How many bytes a text takes as JSON: a control character is written as six, a quote and a backslash as two.
fn json_size(text: &str) -> usize {
    let extra = |byte: u8| match byte {
        b'"' | b'\\' => 1,
        0..=0x1f => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(extra).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_size_is_never_guessed_too_small(text in any::<String>()) {
            prop_assert!(serde_json::to_string(&text).unwrap().len() <= json_size(&text) + 2);
        }
    }
}
