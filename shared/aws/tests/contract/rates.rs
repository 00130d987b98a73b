//! The contract of [`Rates`](carteiro_core::ports::Rates).

use crate::ports::Ports;
use crate::samples::at;
use carteiro_aws::dynamo::DynamoRates;
use carteiro_core::ports::Rates;
use carteiro_core::rate::{Decision, Rate, RateKey};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

crate::contract! { in memory too:
    a_burst_then_the_steady_rate,
    callers_and_groups_are_apart,
    two_hundred_at_once_never_get_more_than_the_limit,
    two_hundred_at_once_in_the_middle_of_a_burst_get_what_is_left,
    a_rate_that_changed_holds_from_the_next_request,
    what_is_given_back_can_be_had_again,
}

fn key(caller: &str) -> RateKey {
    RateKey::new("sends", caller)
}

/// One a second, and so many at once.
fn rate(burst: u32) -> Rate {
    Rate::every(SignedDuration::from_secs(1), burst)
}

async fn a_burst_then_the_steady_rate(ports: &Ports) {
    let (rate, second) = (rate(3), SignedDuration::from_secs(1));
    let ask = async |now| ports.rates.admit(&key("a"), rate, now).await.unwrap();
    for remaining in [2, 1, 0] {
        let decision = ask(at(0)).await;
        assert_eq!((decision.admitted, decision.remaining), (true, remaining));
    }
    let refused =
        Decision { admitted: false, remaining: 0, reset: SignedDuration::from_secs(3), retry_after: second };
    assert_eq!(ask(at(0)).await, refused);
    assert_eq!(ask(at(0)).await, refused, "who is refused is not held back longer for it");
    assert!(ask(at(1)).await.admitted && !ask(at(1)).await.admitted);
    let rested = ask(at(60)).await;
    assert_eq!((rested.admitted, rested.remaining, rested.reset), (true, 2, second));
}

async fn callers_and_groups_are_apart(ports: &Ports) {
    let one = rate(1);
    for key in [key("a"), key("b"), RateKey::new("reports", "a"), key("a#b"), key("ç @{}")] {
        assert!(ports.rates.admit(&key, one, at(0)).await.unwrap().admitted, "{}", key.as_str());
        assert!(!ports.rates.admit(&key, one, at(0)).await.unwrap().admitted, "{}", key.as_str());
    }
}

/// How many of 200 that ask at once are let through.
async fn at_once(rates: &[Arc<dyn Rates>], rate: Rate, now: Timestamp) -> u32 {
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let rates = Arc::clone(&rates[n % rates.len()]);
            tokio::spawn(async move { rates.admit(&key("a"), rate, now).await.unwrap() })
        })
        .collect();
    let mut admitted = 0;
    for task in tasks {
        let decision = task.await.unwrap();
        admitted += u32::from(decision.admitted);
        let knows_when = decision.retry_after.is_positive() && decision.reset >= decision.retry_after;
        assert!(decision.admitted || knows_when, "{decision:?}");
    }
    admitted
}

async fn two_hundred_at_once_never_get_more_than_the_limit(ports: &Ports) {
    let instances = ports.rates_of_instances(5);
    assert_eq!(at_once(&instances, rate(50), at(0)).await, 50);
    assert_eq!(at_once(&instances, rate(50), at(0)).await, 0);
    assert_eq!(at_once(&instances, rate(50), at(7)).await, 7, "one for each second");
    assert_eq!(at_once(&instances, rate(50), at(600)).await, 50, "a rest gives the burst and no more");
}

async fn two_hundred_at_once_in_the_middle_of_a_burst_get_what_is_left(ports: &Ports) {
    for _ in 0..30 {
        assert!(ports.rates.admit(&key("a"), rate(50), at(0)).await.unwrap().admitted);
    }
    assert_eq!(at_once(&ports.rates_of_instances(5), rate(50), at(0)).await, 20);
}

async fn a_rate_that_changed_holds_from_the_next_request(ports: &Ports) {
    for _ in 0..3 {
        assert!(ports.rates.admit(&key("a"), rate(3), at(0)).await.unwrap().admitted);
    }
    let decision = ports.rates.admit(&key("a"), rate(5), at(0)).await.unwrap();
    assert_eq!((decision.admitted, decision.remaining), (true, 1));
    assert!(!ports.rates.admit(&key("a"), rate(2), at(0)).await.unwrap().admitted);
}

async fn what_is_given_back_can_be_had_again(ports: &Ports) {
    let rate = rate(2);
    let admitted = async |now| ports.rates.admit(&key("a"), rate, now).await.unwrap().admitted;
    ports.rates.give_back(&key("a"), rate).await.unwrap();
    assert!(admitted(at(0)).await && admitted(at(0)).await && !admitted(at(0)).await, "there was nothing");
    ports.rates.give_back(&key("a"), rate).await.unwrap();
    assert!(admitted(at(0)).await && !admitted(at(0)).await);
    for _ in 0..5 {
        ports.rates.give_back(&key("a"), rate).await.unwrap();
    }
    assert!(
        admitted(at(0)).await && admitted(at(0)).await && !admitted(at(0)).await,
        "no more than the burst"
    );
}

/// An adapter that has not seen anything yet, as a new instance of a function.
#[tokio::test]
async fn a_new_instance_needs_one_more_write_within_a_burst_and_none_at_rest() {
    let store = crate::support::store::Store::ministack().await;
    let counter = carteiro_aws::CallCounter::default();
    let client = carteiro_aws::AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();
    let requests = || {
        let calls = counter.snapshot()["dynamodb UpdateItem"];
        counter.reset();
        (calls.requests, calls.write_units)
    };
    let old = DynamoRates::new(client.clone(), &store.accounts_table);
    for _ in 0..3 {
        old.admit(&key("a"), rate(9), at(0)).await.unwrap();
        assert_eq!(requests(), (1, 1.0), "one write of one unit");
    }
    let new = DynamoRates::new(client, &store.accounts_table);
    new.admit(&key("a"), rate(9), at(0)).await.unwrap();
    assert_eq!(requests().0, 2, "it guessed that the caller had rested");
    new.admit(&key("a"), rate(9), at(0)).await.unwrap();
    assert_eq!(requests().0, 1);
    new.admit(&key("a"), rate(9), at(600)).await.unwrap();
    assert_eq!(requests().0, 1);
}

#[tokio::test]
async fn a_store_that_says_nothing_is_given_up_on() {
    // A port that takes connections and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let config = crate::support::stack::config(&endpoint).await;
    let client = carteiro_aws::AwsClients::new(config).dynamo();
    let rates = DynamoRates::new(client, "accounts").giving_up_after(std::time::Duration::from_millis(50));
    let error = rates.admit(&key("a"), rate(1), at(0)).await.unwrap_err();
    assert_eq!(error.to_string(), "dynamodb UpdateItem accounts: no answer in time");
}
