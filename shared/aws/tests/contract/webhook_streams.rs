//! The contract of [`Streams`](carteiro_core::ports::Streams).

use crate::ports::Ports;
use crate::samples::{at, phone, random, user_id};
use carteiro_core::ids::{EventId, ReceiverId, UserId};
use carteiro_core::ports::{Release, Take};
use carteiro_core::webhook::{
    DeadReason, Delivery, Event, EventKind, Origin, Outage, ReceiverScope, Status, StreamKey, Try,
    TryFailure, TryOutcome,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

crate::contract! { in memory too:
    a_delivery_reads_back_as_it_was_added,
    a_second_of_the_same_event_is_not_added,
    what_is_pending_comes_in_order,
    the_last_that_is_pending_is_known,
    the_largest_event_fits,
    tries_are_kept_and_what_is_over_is_pending_no_more,
    a_delivery_that_is_over_stays_as_it_is,
    one_holds_a_stream_and_the_others_are_counted,
    a_stream_that_was_signalled_is_not_let_go,
    a_lease_ends_at_its_time,
    an_outage_is_waited_for,
    a_wait_is_hastened,
    a_recovery_is_the_receiver_s_and_no_other_s,
    many_ask_for_a_stream_and_one_gets_it,
}

pub(crate) fn stream(user: UserId, scope: ReceiverScope) -> StreamKey {
    StreamKey { user, scope, receiver: ReceiverId::from_random(random()), origin: "Recepção # 1".into() }
}

pub(crate) fn of_tenant() -> StreamKey {
    stream(user_id(), ReceiverScope::Tenant)
}

/// A delivery that was published that many seconds after the start.
pub(crate) fn delivery(stream: &StreamKey, second: i64) -> Delivery {
    let event = Event {
        id: EventId::from_random(random()),
        kind: EventKind::MessageReceived,
        origin: Origin { session: Some("Recepção # 1".parse().unwrap()), number: Some(phone(1)) },
        json: json!({"body": "Olá 👋", "lat": -23.5505199, "n": null, "list": [1, {"a": true}]}),
        at: at(second - 1),
    };
    Delivery::new(stream.clone(), event, at(second))
}

pub(crate) fn tried(second: i64, outcome: TryOutcome) -> Try {
    Try { at: at(second), took: SignedDuration::from_millis(1_234), outcome }
}

pub(crate) fn given_up(mut delivery: Delivery) -> Delivery {
    delivery.give_up(DeadReason::Expired);
    delivery
}

pub(crate) fn shown(mut delivery: Delivery) -> Delivery {
    delivery.event.json = Value::Null;
    delivery
}

/// A page, once the index shows `count`.
pub(crate) async fn page(ports: &Ports, user: UserId, status: Status, count: usize) -> Vec<Delivery> {
    let mut page = Vec::new();
    for _ in 0..100 {
        page = ports.deliveries.page(user, status, None, 100).await.unwrap().deliveries;
        if page.len() == count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    page
}

async fn a_delivery_reads_back_as_it_was_added(ports: &Ports) {
    for scope in [ReceiverScope::Tenant, ReceiverScope::Session("a".parse().unwrap())] {
        let stream = stream(user_id(), scope);
        assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![]));
        let mut one = delivery(&stream, 0);
        one.event.origin.number = None;
        assert_eq!(ports.streams.add(&one).await, Ok(true));
        assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![one]));
    }
}

async fn the_last_that_is_pending_is_known(ports: &Ports) {
    let (stream, other) = (of_tenant(), of_tenant());
    assert_eq!(ports.streams.last_pending(&stream).await, Ok(None));
    ports.streams.add(&delivery(&other, 99)).await.unwrap();
    for second in [7, 3] {
        ports.streams.add(&delivery(&stream, second)).await.unwrap();
    }
    let mut last = delivery(&stream, 8);
    ports.streams.add(&last).await.unwrap();
    assert_eq!(ports.streams.last_pending(&stream).await, Ok(Some(at(8))));
    last.tried(tried(9, TryOutcome::Answered(200)));
    ports.streams.record(&last).await.unwrap();
    assert_eq!(ports.streams.last_pending(&stream).await, Ok(Some(at(7))));
}

async fn a_second_of_the_same_event_is_not_added(ports: &Ports) {
    let stream = of_tenant();
    let mut one = delivery(&stream, 0);
    ports.streams.add(&one).await.unwrap();
    let again = Delivery { published_at: at(9), ..one.clone() };
    assert_eq!(ports.streams.add(&again).await, Ok(false));
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![one.clone()]));
    one.tried(tried(1, TryOutcome::Answered(200)));
    ports.streams.record(&one).await.unwrap();
    assert_eq!(ports.streams.add(&again).await, Ok(false), "nor when it was delivered");
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![]));
}

async fn what_is_pending_comes_in_order(ports: &Ports) {
    let (stream, other) = (of_tenant(), of_tenant());
    let mut all: Vec<Delivery> = [30, 10, 20, 0, 40].map(|second| delivery(&stream, second)).into();
    for one in &all {
        ports.streams.add(one).await.unwrap();
    }
    ports.streams.add(&delivery(&other, 5)).await.unwrap();
    all.sort_by_key(Delivery::key);
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(all.clone()));
    assert_eq!(ports.streams.pending(&stream, 2).await, Ok(all[..2].to_vec()));
    ports.streams.forget(&stream, all[0].event.id).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(all[1..].to_vec()));
}

async fn the_largest_event_fits(ports: &Ports) {
    let stream = of_tenant();
    let mut large = delivery(&stream, 0);
    large.event.json = json!({"body": "ç👋x".repeat(100_000), "quotedMsg": {"body": "\"\n".repeat(65_536)}});
    let small = delivery(&stream, 1);
    ports.streams.add(&large).await.unwrap();
    ports.streams.add(&small).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![large.clone(), small]));
    assert_eq!(ports.streams.add(&large).await, Ok(false));
    large.tried(tried(1, TryOutcome::Answered(200)));
    ports.streams.record(&large).await.unwrap();
    assert_eq!(page(ports, stream.user, Status::Delivered, 1).await, [shown(large)]);
}

async fn tries_are_kept_and_what_is_over_is_pending_no_more(ports: &Ports) {
    let stream = of_tenant();
    let mut one = delivery(&stream, 0);
    ports.streams.add(&one).await.unwrap();
    for failure in TryFailure::ALL {
        one.tried(tried(2, TryOutcome::Failed(failure)));
    }
    for second in 0..300 {
        one.tried(tried(3 + second, TryOutcome::Answered(503)));
    }
    ports.streams.record(&one).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![one.clone()]));
    one.tried(tried(400, TryOutcome::Answered(204)));
    ports.streams.record(&one).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![]));
    assert_eq!(page(ports, stream.user, Status::Delivered, 1).await, [one]);

    let mut other = delivery(&stream, 1);
    ports.streams.add(&other).await.unwrap();
    other.tried(tried(2, TryOutcome::Failed(TryFailure::Tls)));
    let other = given_up(other);
    ports.streams.record(&other).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![]));
    assert_eq!(page(ports, stream.user, Status::Dead, 1).await, [shown(other)]);
}

async fn a_delivery_that_is_over_stays_as_it_is(ports: &Ports) {
    let stream = of_tenant();
    let mut one = delivery(&stream, 0);
    ports.streams.add(&one).await.unwrap();
    // A run that lost its stream tells late of a failure.
    let mut late = one.clone();
    late.tried(tried(1, TryOutcome::Answered(500)));
    one.tried(tried(2, TryOutcome::Answered(200)));
    ports.streams.record(&one).await.unwrap();
    for stale in [late.clone(), given_up(late)] {
        ports.streams.record(&stale).await.unwrap();
    }
    ports.streams.record(&delivery(&stream, 1)).await.unwrap();
    assert_eq!(ports.streams.pending(&stream, 9).await, Ok(vec![]), "nor does one come to be by it");
    assert_eq!(page(ports, stream.user, Status::Delivered, 1).await, [one]);
}

async fn one_holds_a_stream_and_the_others_are_counted(ports: &Ports) {
    let stream = of_tenant();
    let (one, other) = ([1; 16], [2; 16]);
    let free = Take::Taken { signals: 0, outage: None };
    assert_eq!(ports.streams.take(&stream, one, at(0), at(60)).await, Ok(free));
    assert_eq!(ports.streams.take(&stream, other, at(1), at(61)).await, Ok(Take::Held));
    assert_eq!(ports.streams.take(&stream, other, at(2), at(62)).await, Ok(Take::Held));
    assert_eq!(ports.streams.release(&stream, other, 2, None).await, Ok(Release::Lost));
    assert_eq!(ports.streams.release(&stream, one, 2, None).await, Ok(Release::Released));
    assert_eq!(ports.streams.release(&stream, one, 2, None).await, Ok(Release::Lost));
    let free = Take::Taken { signals: 2, outage: None };
    assert_eq!(ports.streams.take(&stream, other, at(3), at(63)).await, Ok(free));
    let another = StreamKey { origin: "y".into(), ..stream };
    let free = Take::Taken { signals: 0, outage: None };
    assert_eq!(ports.streams.take(&another, one, at(3), at(63)).await, Ok(free), "streams are apart");
}

async fn a_stream_that_was_signalled_is_not_let_go(ports: &Ports) {
    let stream = of_tenant();
    let one = [1; 16];
    ports.streams.take(&stream, one, at(0), at(60)).await.unwrap();
    ports.streams.take(&stream, [2; 16], at(1), at(60)).await.unwrap();
    assert_eq!(ports.streams.release(&stream, one, 0, None).await, Ok(Release::Signalled(1)));
    assert_eq!(ports.streams.take(&stream, [2; 16], at(1), at(60)).await, Ok(Take::Held), "it is still held");
    assert_eq!(ports.streams.release(&stream, one, 1, None).await, Ok(Release::Signalled(2)));
    assert_eq!(ports.streams.release(&stream, one, 2, None).await, Ok(Release::Released));
}

async fn a_lease_ends_at_its_time(ports: &Ports) {
    let stream = of_tenant();
    let (dead, heir) = ([1; 16], [2; 16]);
    ports.streams.take(&stream, dead, at(0), at(60)).await.unwrap();
    assert_eq!(ports.streams.take(&stream, heir, at(59), at(120)).await, Ok(Take::Held));
    let taken = Take::Taken { signals: 1, outage: None };
    assert_eq!(ports.streams.take(&stream, heir, at(60), at(120)).await, Ok(taken));
    assert_eq!(ports.streams.release(&stream, dead, 1, None).await, Ok(Release::Lost));
    assert_eq!(ports.streams.release(&stream, heir, 1, None).await, Ok(Release::Released));
}

async fn an_outage_is_waited_for(ports: &Ports) {
    let stream = of_tenant();
    let token = [1; 16];
    let wake = u64::from(u32::MAX);
    let outage =
        Outage { since: at(0), failures: 3, failed_at: at(40), asked: true, retry_at: at(100), wake };
    assert_eq!(ports.streams.renumber(&stream, 0).await, Ok(false));
    ports.deliveries.wake(&stream).await.unwrap();
    assert_eq!(ports.deliveries.streams(stream.user).await, Ok(vec![]), "waking makes no stream");
    ports.streams.take(&stream, token, at(1), at(60)).await.unwrap();
    ports.streams.release(&stream, token, 0, Some(&outage)).await.unwrap();
    assert_eq!(ports.streams.take(&stream, token, at(99), at(160)).await, Ok(Take::Waiting(outage)));
    assert_eq!(ports.streams.renumber(&stream, outage.wake).await, Ok(true));
    assert_eq!(ports.streams.renumber(&stream, outage.wake).await, Ok(false));
    let outage = Outage { wake: outage.wake + 1, ..outage };
    assert_eq!(ports.streams.take(&stream, token, at(99), at(160)).await, Ok(Take::Waiting(outage)));
    let taken = Take::Taken { signals: 0, outage: Some(outage) };
    assert_eq!(ports.streams.take(&stream, token, at(100), at(160)).await, Ok(taken));
    ports.streams.release(&stream, token, 0, Some(&outage)).await.unwrap();
    ports.deliveries.wake(&stream).await.unwrap();
    let taken = Take::Taken { signals: 0, outage: None };
    assert_eq!(ports.streams.take(&stream, token, at(50), at(160)).await, Ok(taken));
    ports.streams.release(&stream, token, 0, None).await.unwrap();
    assert_eq!(ports.streams.renumber(&stream, outage.wake).await, Ok(false));
}

async fn a_wait_is_hastened(ports: &Ports) {
    let (stream, token) = (of_tenant(), [1; 16]);
    let outage =
        Outage { since: at(0), failures: 1, failed_at: at(0), asked: false, retry_at: at(100), wake: 7 };
    assert_eq!(ports.streams.hasten(&stream, 7, at(1)).await, Ok(false), "there is no stream");
    ports.streams.take(&stream, token, at(0), at(60)).await.unwrap();
    ports.streams.release(&stream, token, 0, Some(&outage)).await.unwrap();
    assert_eq!(ports.streams.hasten(&stream, 6, at(1)).await, Ok(false), "that wait is over");
    assert_eq!(ports.streams.take(&stream, token, at(20), at(60)).await, Ok(Take::Waiting(outage)));
    assert_eq!(ports.streams.hasten(&stream, 7, at(20)).await, Ok(true));
    let outage = Outage { retry_at: at(20), ..outage };
    let taken = Take::Taken { signals: 0, outage: Some(outage) };
    assert_eq!(ports.streams.take(&stream, token, at(20), at(60)).await, Ok(taken));
}

async fn a_recovery_is_the_receiver_s_and_no_other_s(ports: &Ports) {
    let stream = of_tenant();
    assert_eq!(ports.streams.recovered_at(&stream).await, Ok(None));
    ports.streams.note_recovery(&stream, at(5)).await.unwrap();
    ports.streams.note_recovery(&stream, at(9)).await.unwrap();
    assert_eq!(ports.streams.recovered_at(&stream).await, Ok(Some(at(9))));
    let sister = StreamKey { origin: "y".into(), ..stream.clone() };
    assert_eq!(ports.streams.recovered_at(&sister).await, Ok(Some(at(9))));
    let other = StreamKey { receiver: ReceiverId::from_random([9; 16]), ..stream.clone() };
    assert_eq!(ports.streams.recovered_at(&other).await, Ok(None));
    let of_other_user = StreamKey { user: UserId::from_random([9; 16]), ..stream.clone() };
    assert_eq!(ports.streams.recovered_at(&of_other_user).await, Ok(None));
    assert!(ports.receivers.of_user(stream.user).await.unwrap().is_empty(), "it is no receiver");
    assert!(ports.deliveries.streams(stream.user).await.unwrap().is_empty(), "and no stream");
}

async fn many_ask_for_a_stream_and_one_gets_it(ports: &Ports) {
    let stream = of_tenant();
    let asking = (0..12u8).map(|n| {
        let (streams, stream) = (ports.streams.clone(), stream.clone());
        tokio::spawn(async move { (n, streams.take(&stream, [n; 16], at(0), at(60)).await.unwrap()) })
    });
    let mut holder = None;
    for one in asking.collect::<Vec<_>>() {
        let (n, take) = one.await.unwrap();
        match take {
            Take::Held => {}
            Take::Taken { .. } => assert_eq!(holder.replace(n), None, "two hold it"),
            Take::Waiting(_) => panic!("nothing is waited for"),
        }
    }
    let released = ports.streams.release(&stream, [holder.unwrap(); 16], 11, None).await;
    assert_eq!(released, Ok(Release::Released), "each of the others was counted");
}
