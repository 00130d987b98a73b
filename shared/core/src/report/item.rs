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
    date_time_scheduled: Option<String>,
    date_time_expires: String,
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
            date_time_scheduled: optional(send.send_at),
            date_time_expires: written(send.expires_at, zone),
        }
    }

    /// The names of its fields, in their order.
    pub const FIELDS: [&str; 15] = [
        "send_id",
        "from_number",
        "to_number",
        "message",
        "message_type",
        "status",
        "error_code",
        "reason",
        "waiting",
        "date_time_queue",
        "date_time_send",
        "date_time_delivered",
        "date_time_read",
        "date_time_scheduled",
        "date_time_expires",
    ];
    /// Where among them the message is.
    pub(super) const MESSAGE: usize = 3;

    /// What its fields say, in the order of [`Item::FIELDS`]; what has not happened yet is empty.
    pub fn fields(&self) -> [&str; Self::FIELDS.len()] {
        [
            &self.send_id,
            &self.from_number,
            &self.to_number,
            &self.message,
            self.message_type.as_str(),
            self.status,
            self.error_code.as_deref().unwrap_or_default(),
            self.reason.as_deref().unwrap_or_default(),
            self.waiting.unwrap_or_default(),
            &self.date_time_queue,
            self.date_time_send.as_deref().unwrap_or_default(),
            self.date_time_delivered.as_deref().unwrap_or_default(),
            self.date_time_read.as_deref().unwrap_or_default(),
            self.date_time_scheduled.as_deref().unwrap_or_default(),
            &self.date_time_expires,
        ]
    }

    /// At most how many bytes it takes as JSON.
    pub(crate) fn json_size(&self) -> usize {
        // What is not the message is plain text of bounded length.
        1_024 + json_size(self.message.as_bytes())
    }
}

/// A send as `GET /v2/sends/{send_id}` shows it: what a report lists, and what only matters for one.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SendDetails {
    #[serde(flatten)]
    item: Item,
    resolved_to: Option<String>,
    date_time_processing: Option<String>,
}

impl SendDetails {
    /// The details of a send, its times written in `zone`.
    pub fn new(send: &Send, zone: &TimeZone) -> Self {
        Self {
            item: Item::new(send, zone),
            resolved_to: send.resolved_to.clone(),
            date_time_processing: send.processing_at.map(|at| written(at, zone)),
        }
    }
}

/// How many bytes a text takes as JSON: a control character is written as six, a quote and a backslash as two.
pub(super) fn json_size(text: &[u8]) -> usize {
    let extra = |byte: u8| match byte {
        b'"' | b'\\' => 1,
        0..=0x1f => 5,
        _ => 0,
    };
    text.len() + text.iter().copied().map(extra).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_size_is_never_guessed_too_small(text in any::<String>()) {
            prop_assert!(serde_json::to_string(&text).unwrap().len() <= json_size(text.as_bytes()) + 2);
        }
    }

    #[test]
    fn its_fields_are_those_of_its_json() {
        let (from, to): (_, crate::phone::Phone) =
            ("5511988887777".parse().unwrap(), "5511966665555".parse().unwrap());
        let text = crate::send::Text::parse("oi".into()).unwrap();
        let (id, user) = (crate::ids::SendId::from_random([1; 16]), crate::ids::UserId::from_random([2; 16]));
        let mut send = Send::of_text(id, user, from, to, text, Timestamp::UNIX_EPOCH);
        send.waiting = Some(crate::send::Waiting::NotConnected);
        send.send_at = Some(send.queued_at);
        send.failure = Some(crate::send::Failure::Refused(463));
        (send.sent_at, send.delivered_at) = (Some(send.queued_at), Some(send.queued_at));
        let item = Item::new(&send, &TimeZone::UTC);
        let json = serde_json::to_value(&item).unwrap();
        assert_eq!(json.as_object().unwrap().len(), Item::FIELDS.len());
        for (name, field) in Item::FIELDS.into_iter().zip(item.fields()) {
            assert_eq!(json[name].as_str().unwrap_or_default(), field, "{name}");
        }
        assert_eq!(Item::FIELDS[Item::MESSAGE], "message");
    }
}
