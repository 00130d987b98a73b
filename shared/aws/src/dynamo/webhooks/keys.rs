//! Keys, and the order that they give.

use crate::dynamo::item::by_time;
use carteiro_core::ids::{EventId, ReceiverId, UserId};
use carteiro_core::place::Place;
use carteiro_core::webhook::{DeliveryKey, ReceiverScope, Status, StreamKey};
use jiff::Timestamp;

/// The sort keys of receivers; those of sessions sort after the tenant's own.
pub(super) const RECEIVERS: &str = "RECEIVER#";

/// The sort key of a receiver.
pub(super) fn receiver_sk(scope: &ReceiverScope) -> String {
    format!("{RECEIVERS}{}", scope.session().map_or("", |name| name.as_str()))
}

/// The sort key of the note that a receiver takes again what it did not take before.
pub(super) fn recovery_sk(receiver: ReceiverId) -> String {
    format!("RECOVERED#{receiver}")
}

/// The sort keys of streams.
pub(in crate::dynamo) const STREAMS: &str = "STREAM#";

/// The sort key of a stream, and the partition of its deliveries.
pub(super) fn stream(stream: &StreamKey) -> String {
    format!("{STREAMS}{}#{}", stream.receiver, stream.origin)
}

/// The sort keys of deliveries.
const EVENTS: &str = "EVENT#";

/// The sort key of a delivery.
pub(super) fn event_sk(event: EventId) -> String {
    format!("{EVENTS}{event}")
}

/// Reads what [`event_sk`] wrote.
pub(in crate::dynamo) fn event_of(sk: &str) -> Option<EventId> {
    sk.strip_prefix(EVENTS)?.parse().ok()
}

/// The sort key of a part of what a delivery says.
pub(in crate::dynamo) fn part_sk(event: EventId, part: usize) -> String {
    format!("PART#{event}#{part:03}")
}

/// Sorts by the time of publication.
pub(super) fn place(key: &DeliveryKey) -> String {
    by_time(Place { at: key.published_at, id: key.event })
}

/// The time of publication in a place.
pub(super) fn published_at(place: &str) -> Option<Timestamp> {
    let (microseconds, _) = place.split_once('#')?;
    Timestamp::from_microsecond(microseconds.parse().ok()?).ok()
}

/// The partition of `by_user`.
pub(in crate::dynamo) fn status_pk(user: UserId, status: Status) -> String {
    format!("{user}#{}", status.as_str())
}
