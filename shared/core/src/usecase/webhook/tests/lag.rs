//! How long events wait for their first try, as it is measured.

use super::*;

fn secs(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn what_an_event_waited_for_its_first_try_is_measured() {
    let w = World::with_receiver().await;
    w.publish(1, "a").await;
    w.clock.advance(secs(30));
    w.publish(1, "a").await;
    w.clock.advance(secs(12));
    w.run_for(HOUR).await;
    assert_eq!(*w.lags.lock().unwrap(), [42, 12]);
}

#[tokio::test]
async fn what_waits_for_a_receiver_that_does_not_take_it_is_no_lag() {
    let w = World::with_receiver().await;
    let up_at = w.now() + HOUR;
    let clock = w.clock.clone();
    w.postman.answering(move |_| match crate::ports::Clock::now(&*clock) < up_at {
        true => Err(FakePostman::failure(TryFailure::Unreachable)),
        false => Ok(FakePostman::status(204)),
    });
    for _ in 0..3 {
        w.publish(1, "a").await;
    }
    w.run_for(HOUR * 2).await;
    assert_eq!(w.posted().last(), Some(&3), "all were delivered in the end");
    assert_eq!(*w.lags.lock().unwrap(), [0], "only the first, before it was known");
    w.publish(1, "a").await;
    w.clock.advance(secs(5));
    w.run_for(HOUR).await;
    assert_eq!(*w.lags.lock().unwrap(), [0, 5], "it flows again");
}
