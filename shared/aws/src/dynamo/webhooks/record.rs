//! Deliveries as items.

use super::keys::{event_of, event_sk, place, status_pk, stream};
use crate::dynamo::item::{Damaged, Item, at, n, s, ttl};
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::ports::Unavailable;
use carteiro_core::webhook::{
    DeadReason, Delivery, Event, Origin, ReceiverScope, StreamKey, Try, TryFailure, TryOutcome,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Every attribute of a delivery but for what it says.
pub(super) const WITHOUT_CONTENT: &str = "#sk, #user_id, #session, #receiver_id, #origin, #kind, \
    #event_session, #event_number, #at, #published_at, #waiting_since, #status, #dead, #tries";

/// The item of a delivery, with that much of what it says; the rest is in `parts` items of their own.
pub(super) fn item(delivery: &Delivery, json: &str, parts: usize) -> Item {
    let event = &delivery.event;
    let item = Item::new(stream(&delivery.stream), event_sk(event.id))
        .with("kind", s(event.kind.as_str()))
        .with_some("event_session", event.origin.session.as_ref().map(|name| s(name.as_str())))
        .with_some("event_number", event.origin.number.as_ref().map(|number| s(number.digits())))
        .with("json", s(json))
        .with_some("parts", (parts > 0).then(|| n(parts as i128)))
        .with("at", at(event.at))
        .with("published_at", at(delivery.published_at))
        .with("waiting_since", at(delivery.waiting_since))
        .with("status", s(delivery.status.as_str()))
        .with("tries", tries(&delivery.tries))
        .with("place", s(place(&delivery.key())))
        .with("user_pk", s(status_pk(delivery.stream.user, delivery.status)))
        .with("user_sk", s(place(&delivery.key())))
        .with("ttl", ttl(delivery.kept_until()));
    with_stream(item, &delivery.stream)
}

/// What an item tells of its stream.
pub(super) fn with_stream(item: Item, stream: &StreamKey) -> Item {
    item.with("user_id", s(stream.user.to_string()))
        .with_some("session", stream.scope.session().map(|name| s(name.as_str())))
        .with("receiver_id", s(stream.receiver.to_string()))
        .with("origin", s(&stream.origin))
}

/// The stream that an item tells of.
pub(super) fn read_stream(item: &Item) -> Result<StreamKey, Damaged> {
    Ok(StreamKey {
        user: item.one("user_id", |t| t.parse().ok())?,
        scope: match item.some("session", |t| t.parse().ok())? {
            None => ReceiverScope::Tenant,
            Some(name) => ReceiverScope::Session(name),
        },
        receiver: item.one("receiver_id", |t| t.parse().ok())?,
        origin: item.text("origin")?.to_owned(),
    })
}

/// Reads a delivery that says `json`.
pub(super) fn read(item: &Item, json: Value) -> Result<Delivery, Unavailable> {
    Ok(Delivery {
        stream: read_stream(item)?,
        event: Event {
            id: item.one("sk", event_of)?,
            kind: item.one("kind", |t| t.parse().ok())?,
            origin: Origin {
                session: item.some("event_session", |t| t.parse().ok())?,
                number: item.some("event_number", |t| t.parse().ok())?,
            },
            json,
            at: item.time("at")?,
        },
        published_at: item.time("published_at")?,
        status: item.one("status", |t| t.parse().ok())?,
        dead: item.some("dead", DeadReason::from_stored)?,
        waiting_since: item.time("waiting_since")?,
        tries: item
            .texts("tries")?
            .into_iter()
            .map(|text| read_try(text).ok_or(Damaged("tries")))
            .collect::<Result<_, _>>()?,
    })
}

/// Tries as a list of texts: the time in microseconds, the milliseconds it took, and a status or a code.
pub(super) fn tries(tries: &[Try]) -> AttributeValue {
    let one = |one: &Try| {
        let outcome = match one.outcome {
            TryOutcome::Answered(status) => status.to_string(),
            TryOutcome::Failed(failure) => failure.code().to_owned(),
        };
        s(format!("{} {} {outcome}", one.at.as_microsecond(), one.took.as_millis()))
    };
    AttributeValue::L(tries.iter().map(one).collect())
}

fn read_try(text: &str) -> Option<Try> {
    let mut parts = text.split(' ');
    let at = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
    let took = SignedDuration::from_millis(parts.next()?.parse().ok()?);
    let outcome = parts.next()?;
    let outcome = match outcome.parse() {
        Ok(status) => TryOutcome::Answered(status),
        Err(_) => TryOutcome::Failed(TryFailure::from_stored(outcome)?),
    };
    Some(Try { at, took, outcome })
}
