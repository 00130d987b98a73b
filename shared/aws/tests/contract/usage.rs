//! The contract of [`Usage`](carteiro_core::ports::Usage).

use crate::ports::Ports;
use crate::samples::user_id;
use jiff::civil::{Date, date};
use std::sync::Arc;

crate::contract! { in memory too:
    days_and_tenants_are_counted_apart,
    a_limit_is_kept,
    what_is_given_back_can_be_had_again,
    two_hundred_at_once_never_pass_the_limit,
}

fn day(day: i8) -> Date {
    date(2026, 11, day)
}

async fn days_and_tenants_are_counted_apart(ports: &Ports) {
    let (ana, bia) = (user_id(), user_id());
    for (user, on, times) in [(ana, 1, 2), (ana, 3, 1), (bia, 1, 1), (ana, 30, 1)] {
        for _ in 0..times {
            assert_eq!(ports.usage.count(user, day(on), None).await, Ok(true));
        }
    }
    let counted = |user, first, last| ports.usage.counted(user, day(first), day(last));
    assert_eq!(counted(ana, 1, 29).await.unwrap(), [(day(1), 2), (day(3), 1)]);
    assert_eq!(counted(ana, 3, 30).await.unwrap(), [(day(3), 1), (day(30), 1)]);
    assert_eq!(counted(bia, 1, 30).await.unwrap(), [(day(1), 1)]);
    assert_eq!(counted(ana, 4, 29).await.unwrap(), []);
    assert_eq!(counted(ana, 30, 1).await.unwrap(), []);
}

async fn a_limit_is_kept(ports: &Ports) {
    let user = user_id();
    assert_eq!(ports.usage.count(user, day(1), Some(0)).await, Ok(false));
    for (limit, admitted) in [(2, true), (2, true), (2, false), (1, false), (3, true), (3, false)] {
        assert_eq!(ports.usage.count(user, day(1), Some(limit)).await, Ok(admitted), "of {limit}");
    }
    assert_eq!(ports.usage.count(user, day(1), None).await, Ok(true), "no limit any more");
    assert_eq!(ports.usage.counted(user, day(1), day(1)).await.unwrap(), [(day(1), 4)]);
    assert_eq!(ports.usage.count(user, day(2), Some(1)).await, Ok(true), "the next day begins anew");
}

async fn what_is_given_back_can_be_had_again(ports: &Ports) {
    let user = user_id();
    ports.usage.give_back(user, day(1)).await.unwrap();
    assert_eq!(ports.usage.counted(user, day(1), day(1)).await.unwrap(), []);
    assert_eq!(ports.usage.count(user, day(1), Some(1)).await, Ok(true));
    for _ in 0..2 {
        ports.usage.give_back(user, day(1)).await.unwrap();
    }
    assert_eq!(ports.usage.counted(user, day(1), day(1)).await.unwrap(), []);
    assert_eq!(ports.usage.count(user, day(1), Some(1)).await, Ok(true));
    assert_eq!(ports.usage.count(user, day(1), Some(1)).await, Ok(false));
}

async fn two_hundred_at_once_never_pass_the_limit(ports: &Ports) {
    let user = user_id();
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let usage = Arc::clone(&ports.usage);
            tokio::spawn(async move { usage.count(user, day(1), Some(120)).await.unwrap() })
        })
        .collect();
    let mut admitted = 0;
    for task in tasks {
        admitted += u32::from(task.await.unwrap());
    }
    assert_eq!(admitted, 120);
    assert_eq!(ports.usage.counted(user, day(1), day(1)).await.unwrap(), [(day(1), 120)]);
}
