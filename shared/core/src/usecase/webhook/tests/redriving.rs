use super::*;
use crate::error::Code;
use std::sync::atomic::{AtomicU16, Ordering};

/// A world whose receiver answers what the test says.
async fn world() -> (World, Arc<AtomicU16>) {
    let (w, status) = (World::with_receiver().await, Arc::new(AtomicU16::new(500)));
    let answer = status.clone();
    w.postman.answering(move |_| Ok(FakePostman::status(answer.load(Ordering::SeqCst))));
    (w, status)
}

#[tokio::test]
async fn what_was_given_up_is_redriven_in_order() {
    let (w, status) = world().await;
    let mut dead = Vec::new();
    for _ in 0..3 {
        dead.push(w.publish(1, "a").await);
    }
    w.run_for(26 * HOUR).await;
    assert_eq!(w.deliveries(Status::Dead), dead);
    w.posted();
    // One that waits by the time they are redriven, too.
    let waiting = w.publish(1, "a").await;
    w.run_for(SignedDuration::from_secs(1)).await;
    status.store(200, Ordering::SeqCst);
    w.posted();
    assert_eq!(w.log.redrive_all(user(2)).await, Ok(Redriven { count: 0, more: false }));
    assert_eq!(w.log.redrive_all(user(1)).await, Ok(Redriven { count: 3, more: false }));
    w.run_for(SignedDuration::ZERO).await;
    dead.push(waiting);
    assert_eq!(w.posted(), dead, "at once, though the receiver was waited for");
    assert_eq!(w.log.redrive_all(user(1)).await.unwrap().count, 0);
}

#[tokio::test]
async fn one_alone_can_be_redriven_and_has_another_day() {
    let (w, status) = world().await;
    let (first, second) = (w.publish(1, "a").await, w.publish(1, "a").await);
    w.run_for(26 * HOUR).await;
    let id = event(second, "a").id;
    assert_eq!(w.log.redrive_one(user(2), id).await.unwrap_err().code(), Code::DeliveryNotFound);
    assert_eq!(w.log.redrive_one(user(1), id).await, Ok(1));
    w.run_for(23 * HOUR).await;
    assert_eq!((w.deliveries(Status::Dead), w.deliveries(Status::Pending)), (vec![first], vec![second]));
    status.store(200, Ordering::SeqCst);
    w.run_for(HOUR).await;
    assert_eq!(w.deliveries(Status::Delivered), [second]);
    assert_eq!(w.log.redrive_one(user(1), id).await.unwrap_err().code(), Code::DeliveryNotFound);
}

#[tokio::test]
async fn a_stopped_receiver_is_set_anew_before_it_is_told_again() {
    let (w, status) = world().await;
    status.store(410, Ordering::SeqCst);
    let n = w.publish(1, "a").await;
    w.run_for(HOUR).await;
    let id = event(n, "a").id;
    assert_eq!(w.log.redrive_all(user(1)).await.unwrap_err().code(), Code::WebhookStopped);
    assert_eq!(w.log.redrive_one(user(1), id).await.unwrap_err().code(), Code::WebhookStopped);
    status.store(200, Ordering::SeqCst);
    w.receiver(1, "a.exemplo").await;
    assert_eq!(w.log.redrive_one(user(1), id).await, Ok(1));
    w.run_for(HOUR).await;
    assert_eq!(w.deliveries(Status::Delivered), [n]);
}

#[tokio::test]
async fn setting_a_receiver_ends_its_waits() {
    let (w, status) = world().await;
    let n = w.publish(1, "a").await;
    w.run_for(3 * HOUR).await;
    status.store(200, Ordering::SeqCst);
    w.posted();
    let receiver = w.receiver(1, "b.exemplo").await;
    w.log.wake_all(&receiver).await.unwrap();
    w.run_for(SignedDuration::ZERO).await;
    assert_eq!(w.posted(), [n]);
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let (w, status) = world().await;
    status.store(200, Ordering::SeqCst);
    let mut all = Vec::new();
    for n in 0..25 {
        if n == 20 {
            w.run_for(SignedDuration::from_secs(1)).await;
            status.store(500, Ordering::SeqCst);
        }
        all.push(w.publish(1, "a").await);
    }
    all.reverse();
    for (status, expected) in [
        (None, &all[..]),
        (Some(Status::Pending), &all[..5]),
        (Some(Status::Delivered), &all[5..]),
        (Some(Status::Dead), &[]),
    ] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = w.log.page(user(1), status, after.as_ref(), 4).await.unwrap();
            assert!(page.deliveries.iter().all(|delivery| delivery.event.json.is_null()));
            seen.extend(page.deliveries.iter().map(|delivery| delivery.event.id.as_bytes()[0]));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{status:?}");
    }
}
