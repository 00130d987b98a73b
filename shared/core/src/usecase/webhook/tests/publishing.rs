use super::*;
use std::collections::BTreeSet;

#[tokio::test]
async fn who_wants_no_event_costs_no_write() {
    let w = World::new();
    w.publish(1, "a").await;
    w.publish(1, "a").await;
    assert_eq!(w.store.switch.asked(), ["of_user"], "and one read for both");
    assert!(w.queue.take().is_empty());

    let kinds = BTreeSet::from([EventKind::QrCode]);
    let wanted = WantedReceiver { kinds: Some(kinds), ..wanted("a.exemplo") };
    w.set.set(user(1), ReceiverScope::Tenant, wanted).await.unwrap();
    w.clock.advance(SignedDuration::from_secs(15));
    w.publish(1, "a").await;
    assert!(w.store.deliveries().is_empty() && w.queue.take().is_empty());
}

#[tokio::test]
async fn a_qr_is_told_to_a_receiver_that_was_set_just_now() {
    let w = World::new();
    w.publish(1, "a").await;
    w.receiver(1, "a.exemplo").await;
    w.publish(1, "a").await;
    assert!(w.store.deliveries().is_empty(), "messages know it later");
    let qr = Event { kind: EventKind::QrCode, ..event(9, "a") };
    w.publish.publish(user(1), &qr).await.unwrap();
    let last = w.publish(1, "a").await;
    w.run_for(SignedDuration::ZERO).await;
    assert_eq!(w.posted(), [9, last]);
}

#[tokio::test]
async fn each_receiver_that_wants_it_gets_the_event() {
    let w = World::new();
    w.receiver(1, "a.exemplo").await;
    for (name, host) in [("loja", "b.exemplo"), ("casa", "c.exemplo")] {
        let scope = ReceiverScope::Session(name.parse().unwrap());
        w.set.set(user(1), scope, wanted(host)).await.unwrap();
    }
    w.receiver(2, "d.exemplo").await;
    w.publish(1, "loja").await;
    w.run_for(HOUR).await;
    let letters = w.postman.take();
    let hosts: BTreeSet<&str> = letters.iter().map(|letter| letter.url.host()).collect();
    assert_eq!(hosts, BTreeSet::from(["a.exemplo", "b.exemplo"]));
    assert_eq!(header(&letters[0], "x-event-id"), header(&letters[1], "x-event-id"));
    assert_ne!(header(&letters[0], "x-signature"), header(&letters[1], "x-signature"));
}

#[tokio::test]
async fn an_event_that_is_published_again_is_delivered_once() {
    let w = World::with_receiver().await;
    let again = event(1, "a");
    w.queue.switch.fail();
    w.publish.publish(user(1), &again).await.unwrap_err();
    w.queue.switch.recover();
    // The signal was lost with the first call, so the second gives it.
    w.publish.publish(user(1), &again).await.unwrap();
    w.run_for(HOUR).await;
    w.publish.publish(user(1), &again).await.unwrap();
    w.run_for(HOUR).await;
    assert_eq!(w.posted(), [1]);
}

#[tokio::test]
async fn events_of_one_instant_keep_their_order() {
    let w = World::with_receiver().await;
    // Their ids would sort the other way.
    for number in (1..=40).rev() {
        w.publish.publish(user(1), &event(number, "a")).await.unwrap();
    }
    w.run_for(HOUR).await;
    assert_eq!(w.posted(), (1..=40).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_clock_that_is_set_back_changes_no_order() {
    let w = World::with_receiver().await;
    let first = w.publish(1, "a").await;
    w.clock.advance(SignedDuration::from_secs(-3_600));
    let second = w.publish(1, "a").await;
    w.clock.advance(2 * HOUR);
    w.run_for(HOUR).await;
    assert_eq!(w.posted(), [first, second]);
}

#[tokio::test]
async fn a_process_whose_clock_is_behind_tells_after_what_another_left() {
    let w = World::with_receiver().await;
    // The receiver does not answer, so all wait.
    let first = w.publish(1, "a").await;
    w.clock.advance(-HOUR);
    let other = PublishEvents::new(w.store.clone(), w.store.clone(), w.queue.clone(), w.clock.clone());
    for number in [101, 102] {
        other.publish(user(1), &event(number, "a")).await.unwrap();
    }
    // What did not wait for it has the right time.
    other.publish(user(1), &event(103, "b")).await.unwrap();
    let places = w.store.deliveries();
    let of_b = places.iter().find(|delivery| delivery.stream.origin == "b").unwrap();
    assert_eq!(of_b.published_at.as_second(), w.now().as_second());
    w.clock.advance(HOUR);
    w.run_for(HOUR).await;
    let posted = w.posted();
    assert_eq!(
        posted.iter().filter(|number| **number != 103).copied().collect::<Vec<_>>(),
        [first, 101, 102]
    );
}
