use super::*;
use crate::ports::LetterAnswer;

const ORIGINS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// A receiver that answers `out` until `up_at`, and takes everything from then on.
fn down_until(w: &World, up_at: Timestamp, out: LetterAnswer) {
    let clock = w.clock.clone();
    w.postman.answering(move |_| match crate::ports::Clock::now(&*clock) < up_at {
        true => Ok(out.clone()),
        false => Ok(FakePostman::status(204)),
    });
}

/// When each of the deliveries was taken, from the first on.
fn taken_at(w: &World) -> Vec<Timestamp> {
    let last = |delivery: Delivery| delivery.tries.last().unwrap().at;
    let mut taken: Vec<Timestamp> = w.store.deliveries().into_iter().map(last).collect();
    taken.sort();
    taken
}

#[tokio::test]
async fn all_streams_of_a_receiver_that_is_back_go_on_soon_after_the_first() {
    let w = World::with_receiver().await;
    down_until(&w, w.now() + HOUR * 5, FakePostman::status(503));
    for origin in ORIGINS {
        w.publish(1, origin).await;
    }
    w.run_for(HOUR * 6).await;
    assert_eq!(w.deliveries(Status::Delivered).len(), ORIGINS.len());
    let taken = taken_at(&w);
    let spread = taken[ORIGINS.len() - 1].duration_since(taken[0]);
    assert!(spread <= LOOK_EVERY + SignedDuration::from_secs(1), "{spread:#}");
}

#[tokio::test]
async fn a_wait_ends_for_a_recovery_that_came_after_its_last_try_alone() {
    let w = World::with_receiver().await;
    let stuck = |letter: &Letter| header(letter, "x-event-id") == event(1, "a").id.to_string();
    // The first event of "a" is never taken; what others have is taken at the second try.
    let seen = Mutex::new(std::collections::HashSet::new());
    w.postman.answering(move |letter| {
        let again = !seen.lock().unwrap().insert(number(letter));
        Ok(FakePostman::status(if again && !stuck(letter) { 204 } else { 503 }))
    });
    w.publish(1, "a").await;
    w.run_for(HOUR * 3).await;
    w.posted();
    // The last wait of "a" is of up to half an hour: it ends for one recovery once.
    w.publish(1, "b").await;
    w.run_for(LOOK_EVERY + SignedDuration::from_secs(10)).await;
    let posted = w.posted();
    assert_eq!(posted.iter().filter(|n| **n == 1).count(), 1, "{posted:?}");
    assert_eq!(w.deliveries(Status::Delivered), [2]);
}

#[tokio::test]
async fn a_wait_that_the_receiver_asked_for_is_kept_whole() {
    let w = World::with_receiver().await;
    let asked = LetterAnswer { retry_after: Some("1200".to_owned()), ..FakePostman::status(429) };
    w.postman.answering(move |letter| match number(letter) {
        1 => Ok(asked.clone()),
        _ => Ok(FakePostman::status(204)),
    });
    w.publish(1, "a").await;
    w.run_for(SignedDuration::ZERO).await;
    let begun = w.now();
    // Another stream recovers meanwhile.
    down_until(&w, w.now() + SignedDuration::from_secs(1), FakePostman::status(503));
    w.publish(1, "b").await;
    w.run_for(SignedDuration::from_secs(1_199)).await;
    assert_eq!(w.deliveries(Status::Delivered), [2]);
    w.run_for(SignedDuration::from_secs(1)).await;
    assert_eq!(w.deliveries(Status::Delivered), [1, 2]);
    let waited = taken_at(&w)[1].duration_since(begun);
    assert_eq!(waited.as_secs(), 1_200);
}

#[tokio::test]
async fn a_run_that_ends_between_two_steps_of_a_look_loses_nothing() {
    for step in ["recovered_at", "hasten", "take", "note_recovery"] {
        let w = World::with_receiver().await;
        down_until(&w, w.now() + HOUR, FakePostman::status(503));
        for origin in ORIGINS {
            w.publish(1, origin).await;
        }
        w.run_for(HOUR - LOOK_EVERY).await;
        w.store.switch.fail_in(step);
        w.run_for(LOOK_EVERY * 3).await;
        w.store.switch.recover();
        w.run_for(HOUR).await;
        assert_eq!(w.deliveries(Status::Delivered).len(), ORIGINS.len(), "{step}");
    }
}
