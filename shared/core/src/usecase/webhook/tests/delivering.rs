use super::*;
use crate::ports::{LetterAnswer, Streams, Take};
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test]
async fn an_event_is_posted_signed_with_its_id_and_kind() {
    let w = World::with_receiver().await;
    let n = w.publish(1, "Loja 1").await;
    assert_eq!(w.run_for(HOUR).await, [Ok(Delivering::Drained(1))]);
    let letters = w.postman.take();
    let [letter] = letters.as_slice() else { panic!("one letter") };
    assert_eq!(letter.url.as_str(), "https://a.exemplo/gancho?token=segredo");
    assert_eq!(letter.content_type, "application/json");
    let body: Value = serde_json::from_slice(&letter.body).unwrap();
    assert_eq!(body, json!({"tipo": "recebendoMensagem", "sessao": "Loja 1", "json": {"n": n}}));
    assert_eq!(header(letter, "x-event-kind"), "recebendoMensagem");
    assert_eq!(header(letter, "x-event-id"), event(n, "x").id.to_string());
    let receiver = w.book.list(user(1)).await.unwrap().remove(0);
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    let expected = signature([&receiver.secrets.current], at, &letter.body);
    assert_eq!(header(letter, "x-signature"), expected);

    let delivery = w.store.deliveries().remove(0);
    assert_eq!((delivery.status, delivery.tries.len()), (Status::Delivered, 1));
    assert_eq!(delivery.event.json, Value::Null, "what it said is not kept");
}

#[tokio::test]
async fn a_receiver_that_is_down_for_an_hour_gets_everything_in_order() {
    let w = World::with_receiver().await;
    let up_at = w.now() + HOUR;
    let clock = w.clock.clone();
    w.postman.answering(move |_| match crate::ports::Clock::now(&*clock) < up_at {
        true => Err(FakePostman::failure(TryFailure::Unreachable)),
        false => Ok(FakePostman::status(204)),
    });
    let mut published = Vec::new();
    for _ in 0..60 {
        published.push(w.publish(1, "a").await);
        w.run_for(SignedDuration::from_mins(1)).await;
    }
    let tried = w.posted();
    assert!(tried.iter().all(|n| *n == published[0]), "only the first is tried: {tried:?}");
    assert!((8..60).contains(&tried.len()), "{} tries", tried.len());
    w.run_for(HOUR).await;
    assert_eq!(w.posted(), published);
    let first = w.store.deliveries().remove(0);
    assert_eq!(first.tries.len(), tried.len() + 1);
    assert_eq!(first.tries[0].outcome, TryOutcome::Failed(TryFailure::Unreachable));
}

#[tokio::test]
async fn a_dead_receiver_holds_up_nobody_else() {
    let w = World::with_receiver().await;
    w.receiver(2, "b.exemplo").await;
    w.postman.taking(SignedDuration::from_secs(15));
    w.postman.answering(|letter| match letter.url.host() {
        "a.exemplo" => Err(FakePostman::failure(TryFailure::TimedOut)),
        _ => Ok(FakePostman::status(200)),
    });
    w.publish(1, "x").await;
    w.publish(1, "y").await;
    let n = w.publish(2, "x").await;
    w.run_for(SignedDuration::from_secs(60)).await;
    assert_eq!(w.deliveries(Status::Delivered), [n]);
}

#[tokio::test]
async fn after_a_day_each_is_given_up_in_its_turn() {
    let w = World::with_receiver().await;
    w.postman.answering(|_| Ok(FakePostman::status(500)));
    let first = w.publish(1, "a").await;
    w.run_for(12 * HOUR).await;
    let second = w.publish(1, "a").await;
    w.run_for(11 * HOUR).await;
    assert_eq!(w.deliveries(Status::Dead), [] as [u8; 0]);
    w.run_for(2 * HOUR).await;
    assert_eq!((w.deliveries(Status::Dead), w.deliveries(Status::Pending)), (vec![first], vec![second]));
    let dead = w.store.deliveries().remove(0);
    assert_eq!(dead.dead, Some(DeadReason::Expired));
    assert!((60..=Delivery::MAX_TRIES).contains(&dead.tries.len()), "{} tries", dead.tries.len());
    w.run_for(12 * HOUR).await;
    assert_eq!(w.deliveries(Status::Dead), [first, second]);
    assert!(w.run_for(24 * HOUR).await.is_empty(), "nothing is left to do");

    // The next one is tried at once, and has a day of its own.
    w.postman.take();
    let third = w.publish(1, "a").await;
    w.run_for(SignedDuration::ZERO).await;
    assert_eq!((w.posted(), w.deliveries(Status::Pending)), (vec![third], vec![third]));
}

#[tokio::test]
async fn gone_stops_the_receiver() {
    let w = World::with_receiver().await;
    w.postman.answering(|_| Ok(FakePostman::status(410)));
    let (a, b) = (w.publish(1, "a").await, w.publish(1, "a").await);
    w.run_for(HOUR).await;
    assert_eq!((w.posted(), w.deliveries(Status::Dead)), (vec![a], vec![a, b]));
    assert!(w.store.deliveries().iter().all(|delivery| delivery.dead == Some(DeadReason::Stopped)));
    let state = w.book.list(user(1)).await.unwrap()[0].state;
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    assert_eq!(state, ReceiverState::Stopped { at, why: StopReason::Gone });
    w.publish(1, "a").await;
    assert_eq!(w.store.deliveries().len(), 2, "it is told of nothing more");
}

#[tokio::test]
async fn a_receiver_that_is_set_anew_while_it_says_gone_is_not_stopped() {
    let w = World::with_receiver().await;
    let n = w.publish(1, "a").await;
    let (set, store) = (w.set.clone(), w.store.clone());
    w.postman.answering(move |_| {
        let mut receiver = futures_now(crate::ports::Receivers::of_user(&*store, user(1))).unwrap().remove(0);
        receiver.url = ReceiverUrl::parse("https://novo.exemplo/").unwrap();
        assert_eq!(futures_now(set.receivers.save(&mut receiver)), Ok(true));
        Ok(FakePostman::status(410))
    });
    w.run_for(SignedDuration::ZERO).await;
    w.postman.answering(|_| Ok(FakePostman::status(200)));
    w.run_for(HOUR).await;
    let hosts: Vec<String> = w.postman.take().iter().map(|letter| letter.url.host().to_owned()).collect();
    assert_eq!(hosts, ["a.exemplo", "novo.exemplo"]);
    assert_eq!(w.deliveries(Status::Delivered), [n]);
}

/// What the ports in memory answer, which they do at once.
fn futures_now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("not in memory"),
    }
}

#[tokio::test]
async fn retry_after_is_kept_to() {
    let w = World::with_receiver().await;
    let answer =
        |seconds: &str| LetterAnswer { retry_after: Some(seconds.to_owned()), ..FakePostman::status(503) };
    let limited = answer("1200");
    w.postman.answering(move |_| Ok(limited.clone()));
    w.publish(1, "a").await;
    let done = w.run_for(SignedDuration::ZERO).await;
    let [Ok(Delivering::Postponed { wait, .. })] = done.as_slice() else { panic!("{done:?}") };
    assert_eq!(wait.as_secs(), 1_200);
    // Longer than the queue delays a message: the signal comes in between and goes on waiting.
    let done = w.run_for(SignedDuration::from_secs(1_199)).await;
    assert_eq!((done, w.posted().len()), (vec![Ok(Delivering::Waiting)], 1));
    w.run_for(SignedDuration::from_secs(1)).await;
    assert_eq!(w.posted().len(), 1);

    let for_ever = answer("999999999");
    w.postman.answering(move |_| Ok(for_ever.clone()));
    w.run_for(SignedDuration::from_secs(1_200)).await;
    w.posted();
    w.run_for(HOUR).await;
    assert!(!w.posted().is_empty(), "an hour is the longest");
}

#[tokio::test]
async fn redirects_and_other_statuses_are_failures() {
    for status in [100, 301, 302, 307, 400, 401, 404, 429, 500, 503] {
        let w = World::with_receiver().await;
        w.postman.answering(move |_| Ok(FakePostman::status(status)));
        w.publish(1, "a").await;
        let done = w.run_for(SignedDuration::ZERO).await;
        assert!(matches!(done[0], Ok(Delivering::Postponed { delivered: 0, .. })), "{status}: {done:?}");
    }
}

#[tokio::test]
async fn a_slow_receiver_is_left_in_time_and_gone_on_with() {
    let w = World::with_receiver().await;
    w.postman.taking(SignedDuration::from_secs(9));
    let mut published = Vec::new();
    for _ in 0..12 {
        published.push(w.publish(1, "a").await);
    }
    let (signal, again) = w.next_signal(w.now()).unwrap();
    let began = w.now();
    assert_eq!(w.handle(&signal, again).await, Ok(Delivering::GoesOn(5)));
    assert!(w.now().duration_since(began) <= RUN);
    w.run_for(HOUR).await;
    assert_eq!(w.posted(), published);
}

#[tokio::test]
async fn a_signal_that_finds_the_stream_held_is_not_lost() {
    let w = World::with_receiver().await;
    let first = w.publish(1, "a").await;
    let (signal, _) = w.next_signal(w.now()).unwrap();
    // Another event, and its signal, between the holder's last look and its letting go.
    let second = w.next_event();
    let (publish, deliver, queue) = (
        PublishEvents::new(w.store.clone(), w.store.clone(), w.queue.clone(), w.clock.clone()),
        w.deliver.clone(),
        w.queue.clone(),
    );
    let (end, once) = (w.now() + RUN, AtomicBool::new(true));
    w.postman.answering(move |_| {
        if once.swap(false, Ordering::SeqCst) {
            futures_now(publish.publish(user(1), &event(second, "a"))).unwrap();
            for (signal, _) in queue.take() {
                assert_eq!(futures_now(deliver.run(&signal, false, end)), Ok(Delivering::Held));
            }
        }
        Ok(FakePostman::status(200))
    });
    assert_eq!(w.handle(&signal, false).await, Ok(Delivering::Drained(2)));
    assert_eq!(w.posted(), [first, second]);
    assert!(w.queue.take().is_empty(), "nobody else was needed");
}

#[tokio::test]
async fn what_a_run_did_not_store_is_delivered_again_with_the_same_id() {
    let w = World::with_receiver().await;
    let n = w.publish(1, "a").await;
    let store = w.store.clone();
    w.postman.answering(move |_| {
        store.switch.fail();
        Ok(FakePostman::status(200))
    });
    let (signal, again) = w.next_signal(w.now()).unwrap();
    assert!(matches!(w.handle(&signal, again).await, Err(NotNow::Unavailable(_))));
    w.store.switch.recover();
    w.postman.answering(|_| Ok(FakePostman::status(200)));
    let first = w.postman.take().remove(0);
    w.run_for(HOUR).await;
    let second = w.postman.take().remove(0);
    assert_eq!((number(&first), number(&second)), (n, n));
    assert_eq!(header(&first, "x-event-id"), header(&second, "x-event-id"));
    assert_eq!(w.deliveries(Status::Delivered), [n]);
}

#[tokio::test]
async fn a_signal_that_comes_again_waits_for_a_holder_that_may_be_dead() {
    let w = World::with_receiver().await;
    let n = w.publish(1, "a").await;
    let (signal, _) = w.next_signal(w.now()).unwrap();
    // A run that took the stream and was never heard of again.
    let taken = w.store.take(&signal.stream, [9; 16], w.now(), w.now() + RUN).await;
    assert!(matches!(taken, Ok(Take::Taken { .. })));
    assert_eq!(w.handle(&signal, false).await, Ok(Delivering::Held), "a new one is counted");
    assert_eq!(w.handle(&signal, true).await, Err(NotNow::Busy), "but not one that may be the dead run's");
    w.run_for(HOUR).await;
    assert_eq!(w.posted(), [n]);
}

#[tokio::test]
async fn doubled_signals_of_a_wait_stay_as_few_as_they_are() {
    let w = World::with_receiver().await;
    w.postman.answering(|_| Ok(FakePostman::status(500)));
    w.publish(1, "a").await;
    for _ in 0..40 {
        w.run_for(HOUR / 4).await;
        let mut signals = w.signals.lock().unwrap();
        let doubled = signals.first().cloned();
        signals.extend(doubled);
        assert!(signals.len() <= 4, "{} signals", signals.len());
    }
}

#[tokio::test]
async fn what_waits_for_a_receiver_that_was_taken_away_is_forgotten() {
    let w = World::with_receiver().await;
    w.publish(1, "a").await;
    w.book.remove(user(1), &ReceiverScope::Tenant).await.unwrap();
    let other = w.receiver(1, "b.exemplo").await;
    w.run_for(HOUR).await;
    assert!(w.store.deliveries().is_empty() && w.posted().is_empty(), "{other:?} is another receiver");
}
