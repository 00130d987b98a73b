//! The contract of [`Sends`](carteiro_core::ports::Sends): a number's line, and what is scheduled beside it.

use crate::ports::Ports;
use crate::samples::{at, phone, send, user_id};
use carteiro_core::ports::{Line, Parked};
use carteiro_core::send::{Schedule, Send, Status, Step, Waiting};

crate::contract! { in memory too:
    waiting_sends_are_counted_up_to_a_limit,
    what_ceases_to_be_pending_leaves_the_line,
    scheduled_sends_come_in_order_up_to_a_time,
    a_released_send_joins_the_line_once,
    what_moved_on_is_not_released,
    a_scheduled_send_that_is_parked_stands_at_its_time,
}

/// A send that was accepted at that second, for that one.
fn scheduled(number: u32, accepted: i64, for_second: i64) -> Send {
    let schedule = Schedule { send_at: Some(at(for_second)), expires_at: None };
    send(user_id(), &phone(number), at(accepted)).at(schedule.times(at(accepted)).unwrap())
}

async fn stored(ports: &Ports, send: Send) -> Send {
    ports.sends.create(&send, at(100_000)).await.unwrap();
    send
}

async fn counted(ports: &Ports, line: Line) -> usize {
    ports.sends.waiting(&phone(1), line, 100).await.unwrap()
}

async fn waiting_sends_are_counted_up_to_a_limit(ports: &Ports) {
    for second in 0..5 {
        stored(ports, send(user_id(), &phone(1), at(second))).await;
    }
    stored(ports, send(user_id(), &phone(2), at(0))).await;
    stored(ports, scheduled(1, 0, 60)).await;
    assert_eq!((counted(ports, Line::Open).await, counted(ports, Line::Scheduled).await), (5, 1));
    assert_eq!(ports.sends.waiting(&phone(1), Line::Open, 3).await, Ok(3), "and no further");
    assert_eq!(ports.sends.waiting(&phone(1), Line::Open, 5).await, Ok(5));
    assert_eq!(ports.sends.waiting(&phone(3), Line::Open, 9).await, Ok(0));
}

async fn what_ceases_to_be_pending_leaves_the_line(ports: &Ports) {
    let mut sends = Vec::new();
    for second in 0..3 {
        sends.push(stored(ports, send(user_id(), &phone(1), at(second))).await);
    }
    ports.sends.apply(sends[0].id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    ports.sends.park(&sends[1], Waiting::NotConnected).await.unwrap();
    assert_eq!(counted(ports, Line::Open).await, 3, "taken and parked ones are still in it");
    ports.sends.apply(sends[0].id, &Step::Acknowledge, at(2)).await.unwrap();
    ports.sends.apply(sends[1].id, &Step::Cancel, at(2)).await.unwrap();
    assert_eq!(counted(ports, Line::Open).await, 1);
    let asked_for_later = stored(ports, scheduled(1, 0, 60)).await;
    ports.sends.apply(asked_for_later.id, &Step::Cancel, at(2)).await.unwrap();
    assert_eq!(counted(ports, Line::Scheduled).await, 0);
    assert_eq!(ports.sends.scheduled(&phone(1), at(90), 9).await, Ok(vec![]));
}

async fn scheduled_sends_come_in_order_up_to_a_time(ports: &Ports) {
    // By the time that they are for, and of one time by that of their acceptance.
    let mut expected = Vec::new();
    for (accepted, for_second) in [(3, 90), (9, 60), (1, 61), (2, 60), (0, 1_000)] {
        expected.push(stored(ports, scheduled(1, accepted, for_second)).await);
    }
    stored(ports, scheduled(2, 0, 60)).await;
    stored(ports, send(user_id(), &phone(1), at(0))).await;
    expected.sort_by_key(Parked::of);
    let listed =
        async |until: i64, limit: usize| ports.sends.scheduled(&phone(1), at(until), limit).await.unwrap();
    assert_eq!(listed(59, 10).await, []);
    assert_eq!(listed(60, 10).await, expected[..2], "what begins at that very moment has begun");
    assert_eq!(listed(10_000, 10).await, expected);
    assert_eq!(listed(10_000, 3).await, expected[..3]);
    assert_eq!(expected[0].waiting, Some(Waiting::Scheduled));
}

async fn a_released_send_joins_the_line_once(ports: &Ports) {
    let send = stored(ports, scheduled(1, 0, 60)).await;
    for due in [120, 180] {
        ports.sends.release(&send, at(due)).await.unwrap();
    }
    let released = ports.sends.find(send.id).await.unwrap().unwrap();
    assert_eq!(released, Send { waiting: None, requeues: 1, ..send });
    assert_eq!((counted(ports, Line::Open).await, counted(ports, Line::Scheduled).await), (1, 0));
    assert_eq!(ports.sends.scheduled(&phone(1), at(90), 9).await, Ok(vec![]));
    assert_eq!(ports.sends.due(at(119), 9).await, Ok(vec![]));
    assert_eq!(ports.sends.due(at(120), 9).await, Ok(vec![released]));
}

async fn what_moved_on_is_not_released(ports: &Ports) {
    let cancelled = stored(ports, scheduled(1, 0, 60)).await;
    ports.sends.apply(cancelled.id, &Step::Cancel, at(1)).await.unwrap();
    let plain = stored(ports, send(user_id(), &phone(1), at(0))).await;
    for send in [&cancelled, &plain, &scheduled(1, 0, 60)] {
        let before = ports.sends.find(send.id).await.unwrap();
        ports.sends.release(send, at(120)).await.unwrap();
        assert_eq!(ports.sends.find(send.id).await.unwrap(), before);
    }
    let status = ports.sends.find(cancelled.id).await.unwrap().unwrap().status;
    assert_eq!((status, counted(ports, Line::Open).await), (Status::Cancelled, 1));
    assert_eq!(ports.sends.due(at(1_000), 9).await, Ok(vec![]));
}

async fn a_scheduled_send_that_is_parked_stands_at_its_time(ports: &Ports) {
    let late = stored(ports, scheduled(1, 0, 60)).await;
    let (before, after) = (
        stored(ports, send(user_id(), &phone(1), at(59))).await,
        stored(ports, send(user_id(), &phone(1), at(61))).await,
    );
    // Its release was not noted: the session had it first.
    for send in [&after, &late, &before] {
        ports.sends.park(send, Waiting::NotConnected).await.unwrap();
    }
    let expected = [&before, &late, &after].map(Parked::of);
    assert_eq!(ports.sends.parked(&phone(1), None, 9).await.unwrap(), expected);
    assert_eq!(ports.sends.parked(&phone(1), Some(&expected[1]), 9).await.unwrap(), expected[2..]);
    assert_eq!((counted(ports, Line::Open).await, counted(ports, Line::Scheduled).await), (3, 0));
    ports.sends.unpark(&phone(1), &expected[1]).await.unwrap();
    assert_eq!(ports.sends.parked(&phone(1), None, 9).await.unwrap().len(), 2);
}
