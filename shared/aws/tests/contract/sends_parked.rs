//! The contract of [`Sends`](carteiro_core::ports::Sends): what waits for its number to be connected.

use crate::ports::Ports;
use crate::samples::{at, phone, send, user_id};
use carteiro_core::ports::Parked;
use carteiro_core::send::{Send, Step, Waiting};

crate::contract! { in memory too:
    a_parked_send_waits_and_says_why,
    parked_sends_are_listed_in_order_and_by_pages,
    parking_and_unparking_may_be_repeated,
    what_has_moved_on_is_not_parked,
    a_step_ends_the_wait,
}

fn parked(send: &Send) -> Parked {
    Parked::of(send)
}

async fn created(ports: &Ports, number: u32, second: i64) -> Send {
    let send = send(user_id(), &phone(number), at(second));
    ports.sends.create(&send, at(second + 60)).await.unwrap();
    send
}

async fn park(ports: &Ports, send: &Send) {
    ports.sends.park(send, Waiting::NotConnected).await.unwrap();
}

async fn a_parked_send_waits_and_says_why(ports: &Ports) {
    let send = created(ports, 1, 0).await;
    park(ports, &send).await;
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await, Ok(vec![parked(&send)]));
    assert_eq!(ports.sends.parked(&phone(2), None, 10).await, Ok(vec![]));
    let waiting = ports.sends.find(send.id).await.unwrap().unwrap();
    assert_eq!(waiting, Send { waiting: Some(Waiting::NotConnected), ..send.clone() });
    // It is swept again when its time is over, and not before.
    let just_before = send.expires_at - jiff::SignedDuration::from_secs(1);
    assert_eq!(ports.sends.due(just_before, 10).await, Ok(vec![]));
    assert_eq!(ports.sends.due(send.expires_at, 10).await.unwrap().len(), 1);
}

async fn parked_sends_are_listed_in_order_and_by_pages(ports: &Ports) {
    let mut expected = Vec::new();
    for second in [5, 1, 4, 2, 3] {
        let send = created(ports, 1, second).await;
        park(ports, &send).await;
        expected.push(parked(&send));
    }
    expected.sort_by_key(|parked| parked.queued_at);
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await.unwrap(), expected);
    let first = ports.sends.parked(&phone(1), None, 2).await.unwrap();
    assert_eq!(first, expected[..2]);
    let rest = ports.sends.parked(&phone(1), first.last(), 10).await.unwrap();
    assert_eq!(rest, expected[2..]);
    assert_eq!(ports.sends.parked(&phone(1), expected.last(), 10).await, Ok(vec![]));
}

async fn parking_and_unparking_may_be_repeated(ports: &Ports) {
    let send = created(ports, 1, 0).await;
    park(ports, &send).await;
    park(ports, &send).await;
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await.unwrap().len(), 1);
    ports.sends.unpark(&phone(1), &parked(&send)).await.unwrap();
    ports.sends.unpark(&phone(1), &parked(&send)).await.unwrap();
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await, Ok(vec![]));
}

async fn what_has_moved_on_is_not_parked(ports: &Ports) {
    let send = created(ports, 1, 0).await;
    ports.sends.apply(send.id, &Step::Cancel, at(1)).await.unwrap();
    let before = ports.sends.find(send.id).await.unwrap();
    park(ports, &send).await;
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await, Ok(vec![]));
    assert_eq!(ports.sends.find(send.id).await.unwrap(), before);
    assert_eq!(ports.sends.due(send.expires_at, 10).await, Ok(vec![]));
}

async fn a_step_ends_the_wait(ports: &Ports) {
    let send = created(ports, 1, 0).await;
    park(ports, &send).await;
    ports.sends.apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    assert_eq!(ports.sends.find(send.id).await.unwrap().unwrap().waiting, None);
}
