//! The contract of [`Alarms`](carteiro_core::ports::Alarms).

use crate::ports::Ports;
use crate::samples::{at, phone, send, user_id};
use carteiro_core::command::Alarm;
use jiff::Timestamp;

crate::contract! { in memory too:
    alarms_come_oldest_first_and_up_to_a_time,
    an_alarm_is_set_once_and_cleared_alone,
    an_alarm_is_no_send_that_is_due,
}

fn alarm(number: u32, second: i64) -> Alarm {
    Alarm::of(&phone(number), at(second))
}

/// The second of an alarm.
fn second(second: i64) -> Timestamp {
    alarm(0, second).at
}

async fn alarms_come_oldest_first_and_up_to_a_time(ports: &Ports) {
    // 9 and 10, 99 and 100: as times, and not as texts.
    for (number, second) in [(1, 100), (2, 9), (3, 99), (1, 10)] {
        ports.alarms.set(&alarm(number, second)).await.unwrap();
    }
    let expected = [alarm(2, 9), alarm(1, 10), alarm(3, 99), alarm(1, 100)];
    assert_eq!(ports.alarms.until(second(1_000), None, 10).await.unwrap(), expected);
    assert_eq!(ports.alarms.until(second(99), None, 10).await.unwrap(), expected[..3], "at its second too");
    assert_eq!(ports.alarms.until(second(1_000), None, 2).await.unwrap(), expected[..2]);
    assert_eq!(ports.alarms.until(second(8), None, 10).await, Ok(vec![]));
    for (place, last) in expected.iter().enumerate() {
        assert_eq!(ports.alarms.until(second(1_000), Some(last), 10).await.unwrap(), expected[place + 1..]);
    }
    assert_eq!(ports.alarms.until(second(8), Some(&expected[3]), 10).await, Ok(vec![]), "past the time");
}

async fn an_alarm_is_set_once_and_cleared_alone(ports: &Ports) {
    for _ in 0..2 {
        ports.alarms.set(&alarm(1, 5)).await.unwrap();
    }
    ports.alarms.set(&alarm(1, 6)).await.unwrap();
    assert_eq!(ports.alarms.until(second(9), None, 10).await.unwrap(), [alarm(1, 5), alarm(1, 6)]);
    for _ in 0..2 {
        ports.alarms.clear(&alarm(1, 5)).await.unwrap();
    }
    assert_eq!(ports.alarms.until(second(9), None, 10).await.unwrap(), [alarm(1, 6)]);
}

async fn an_alarm_is_no_send_that_is_due(ports: &Ports) {
    ports.alarms.set(&alarm(1, 5)).await.unwrap();
    let send = send(user_id(), &phone(1), at(0));
    ports.sends.create(&send, at(5)).await.unwrap();
    assert_eq!(ports.sends.due(at(9), 10).await.unwrap(), [send]);
    assert_eq!(ports.alarms.until(second(9), None, 10).await.unwrap(), [alarm(1, 5)]);
}
