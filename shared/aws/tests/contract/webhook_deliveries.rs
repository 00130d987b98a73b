//! The contract of [`Deliveries`](carteiro_core::ports::Deliveries).

use crate::ports::Ports;
use crate::samples::{at, random, user_id};
use crate::webhook_streams::{delivery, given_up, of_tenant, page, shown, stream, tried};
use carteiro_core::ids::EventId;
use carteiro_core::webhook::{Delivery, ReceiverScope, Status, TryOutcome};

crate::contract! { in memory too:
    pages_hold_a_tenants_own_newest_first,
    what_was_given_up_is_redriven_to_its_place,
    an_event_is_found_in_every_stream,
}

async fn pages_hold_a_tenants_own_newest_first(ports: &Ports) {
    let user = user_id();
    let streams = [stream(user, ReceiverScope::Tenant), stream(user, ReceiverScope::Tenant)];
    let mut all = Vec::new();
    for second in 0..7 {
        let one = delivery(&streams[usize::from(second % 2 == 0)], second);
        ports.streams.add(&one).await.unwrap();
        all.insert(0, shown(one));
    }
    ports.streams.add(&delivery(&of_tenant(), 3)).await.unwrap();
    assert_eq!(page(ports, user, Status::Pending, 7).await, all);
    let (mut seen, mut after) = (Vec::new(), None);
    for expected in [3, 3, 1] {
        let page = ports.deliveries.page(user, Status::Pending, after.as_ref(), 3).await.unwrap();
        assert_eq!(page.deliveries.len(), expected);
        seen.extend(page.deliveries);
        after = page.next;
    }
    assert_eq!((seen, after), (all, None));
    assert_eq!(page(ports, user, Status::Dead, 0).await, []);
}

async fn what_was_given_up_is_redriven_to_its_place(ports: &Ports) {
    let stream = of_tenant();
    let (first, second) = (delivery(&stream, 0), delivery(&stream, 1));
    for one in [&first, &second] {
        ports.streams.add(one).await.unwrap();
    }
    assert_eq!(ports.deliveries.redrive(&stream, first.event.id, at(9)).await, Ok(false), "it is pending");
    ports.streams.record(&given_up(first.clone())).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![second.clone()]));
    assert_eq!(ports.deliveries.redrive(&stream, first.event.id, at(9)).await, Ok(true));
    assert_eq!(ports.deliveries.redrive(&stream, first.event.id, at(9)).await, Ok(false));
    let mut first = Delivery { waiting_since: at(9), ..first };
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![first.clone(), second]));
    first.tried(tried(9, TryOutcome::Answered(200)));
    ports.streams.record(&first).await.unwrap();
    assert_eq!(ports.deliveries.redrive(&stream, first.event.id, at(9)).await, Ok(false), "it was delivered");
    assert_eq!(ports.deliveries.redrive(&stream, EventId::from_random(random()), at(9)).await, Ok(false));
}

async fn an_event_is_found_in_every_stream(ports: &Ports) {
    let user = user_id();
    let mut all = [
        stream(user, ReceiverScope::Tenant),
        stream(user, ReceiverScope::Session("a".parse().unwrap())),
        stream(user, ReceiverScope::Tenant),
    ];
    let one = delivery(&all[0], 0);
    for stream in &all {
        ports.streams.take(stream, [1; 16], at(0), at(1)).await.unwrap();
    }
    for stream in &all[..2] {
        let delivery = Delivery { stream: stream.clone(), ..one.clone() };
        ports.streams.add(&delivery).await.unwrap();
    }
    let mut found = ports.deliveries.of_event(user, one.event.id).await.unwrap();
    found.sort_by(|a, b| a.stream.cmp(&b.stream));
    let mut expected = [0, 1].map(|n| shown(Delivery { stream: all[n].clone(), ..one.clone() }));
    expected.sort_by(|a, b| a.stream.cmp(&b.stream));
    assert_eq!(found, expected);
    let mut known = ports.deliveries.streams(user).await.unwrap();
    known.sort();
    all.sort();
    assert_eq!(known, all);
    assert_eq!(ports.deliveries.of_event(user_id(), one.event.id).await, Ok(vec![]));
}
