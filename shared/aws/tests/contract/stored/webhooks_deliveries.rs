//! Stored deliveries: of each status, after each kind of try, and one in parts.

use super::by_hand;
use super::webhooks::{stream, user};
use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::ids::EventId;
use carteiro_core::webhook::{
    DeadReason, Delivery, Event, EventKind, Origin, ReceiverScope, Status, Try, TryFailure, TryOutcome,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

super::stored! {
    deliveries: deliveries_are_written, deliveries_are_read;
    delivery_in_parts: by_hand, parts_are_read;
}

fn delivery(seed: u8) -> Delivery {
    let event = Event {
        id: EventId::from_random([seed; 16]),
        kind: EventKind::MessageReceived,
        origin: Origin { session: Some("Recepção nº 1".parse().unwrap()), number: Some(phone(1)) },
        json: json!({"body": "Olá 👋", "lat": -23.5505199, "n": null, "list": [1, {"a": true}]}),
        at: at(i64::from(seed) - 1),
    };
    Delivery::new(stream(ReceiverScope::Tenant), event, at(i64::from(seed)))
}

/// One nobody tried, one after each kind of try, one delivered, and two that were given up.
fn deliveries() -> Vec<Delivery> {
    let tries = [
        TryOutcome::Answered(503),
        TryOutcome::Failed(TryFailure::Forbidden),
        TryOutcome::Failed(TryFailure::Unreachable),
        TryOutcome::Failed(TryFailure::Tls),
        TryOutcome::Failed(TryFailure::TimedOut),
    ];
    let tried = |(second, outcome)| Try { at: at(second), took: SignedDuration::from_millis(1_234), outcome };
    let mut bare = delivery(1);
    bare.event.origin = Origin { session: None, number: None };
    let mut failing = delivery(2);
    (10..).zip(tries).map(tried).for_each(|one| failing.tried(one));
    let mut delivered = delivery(3);
    delivered.tried(tried((20, TryOutcome::Answered(204))));
    let (mut expired, mut stopped) = (delivery(4), delivery(5));
    expired.give_up(DeadReason::Expired);
    stopped.give_up(DeadReason::Stopped);
    vec![bare, failing, delivered, expired, stopped]
}

async fn deliveries_are_written(ports: &Ports) {
    ports.streams.take(&stream(ReceiverScope::Tenant), [1; 16], at(0), at(60)).await.unwrap();
    for over in deliveries() {
        let new = delivery(over.event.id.as_bytes()[0]);
        let new = Delivery { event: Event { origin: over.event.origin.clone(), ..new.event.clone() }, ..new };
        ports.streams.add(&new).await.unwrap();
        if over != new {
            ports.streams.record(&over).await.unwrap();
        }
    }
}

async fn deliveries_are_read(ports: &Ports) {
    let all = deliveries();
    assert_eq!(ports.streams.pending(&stream(ReceiverScope::Tenant), 10).await, Ok(all[..2].to_vec()));
    let shown = |delivery: &Delivery| Delivery {
        event: Event { json: Value::Null, ..delivery.event.clone() },
        ..delivery.clone()
    };
    for (status, expected) in [(Status::Pending, 0..2), (Status::Delivered, 2..3), (Status::Dead, 3..5)] {
        let mut page = ports.deliveries.page(user(), status, None, 10).await.unwrap().deliveries;
        page.reverse();
        assert_eq!(page, all[expected].iter().map(shown).collect::<Vec<_>>());
    }
    for delivery in &all {
        assert_eq!(ports.deliveries.of_event(user(), delivery.event.id).await, Ok(vec![shown(delivery)]));
    }
    let dead = &all[3];
    assert_eq!(ports.deliveries.redrive(&dead.stream, dead.event.id, at(99)).await, Ok(true));
    let again = ports.streams.pending(&stream(ReceiverScope::Tenant), 10).await.unwrap().remove(2);
    assert_eq!(
        (again.event.json, again.waiting_since),
        (delivery(4).event.json, at(99)),
        "what it says was kept"
    );
}

/// Split as what is larger than an item is, into pieces that are small here.
async fn parts_are_read(ports: &Ports) {
    let pending = ports.streams.pending(&stream(ReceiverScope::Tenant), 10).await;
    assert_eq!(pending, Ok(vec![delivery(1)]));
}
