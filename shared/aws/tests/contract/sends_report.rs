//! The contract of [`SendHistory`](carteiro_core::ports::SendHistory): pages of the report.

use crate::ports::Ports;
use crate::samples::{at, phone, send, subject, user_id};
use carteiro_core::ids::{SendId, UserId};
use carteiro_core::ports::Page;
use carteiro_core::send::{Send, Status, Step};

crate::contract! { in memory too:
    a_page_has_the_sends_of_its_span,
    pages_follow_each_other_without_a_gap,
    sends_of_one_moment_are_all_shown,
    a_report_is_of_one_tenant_and_one_number,
    a_report_shows_what_became_of_sends,
    a_span_that_ends_before_it_begins_is_empty,
    statuses_are_those_of_the_sends,
    a_page_may_be_larger_than_one_request,
}

/// Sends accepted a second apart.
async fn a_second_apart(ports: &Ports, user: UserId, count: i64) -> Vec<Send> {
    let mut sends = Vec::new();
    for second in 0..count {
        let send = send(user, &phone(1), at(second));
        ports.sends.create(&send, at(9_999)).await.unwrap();
        sends.push(send);
    }
    sends
}

async fn page(ports: &Ports, user: UserId, from: i64, to: i64, after: Option<&Page>, limit: usize) -> Page {
    let after = after.and_then(|page| page.next.as_ref());
    ports.history.page(&subject(user, from, to), after, limit).await.unwrap()
}

async fn a_page_has_the_sends_of_its_span(ports: &Ports) {
    let user = user_id();
    let sends = a_second_apart(ports, user, 6).await;
    assert_eq!(page(ports, user, 0, 6, None, 100).await, Page { sends: sends.clone(), next: None });
    // From is in it, to is not.
    assert_eq!(page(ports, user, 2, 4, None, 100).await.sends, sends[2..4]);
    assert_eq!(page(ports, user, 6, 99, None, 100).await, Page { sends: vec![], next: None });
}

async fn pages_follow_each_other_without_a_gap(ports: &Ports) {
    let user = user_id();
    let sends = a_second_apart(ports, user, 7).await;
    for limit in [1, 3, 7, 100] {
        let mut shown = Vec::new();
        let mut last: Option<Page> = None;
        let mut pages = 0;
        loop {
            let next = page(ports, user, 0, 99, last.as_ref(), limit).await;
            assert!(next.sends.len() <= limit);
            shown.extend(next.sends.clone());
            pages += 1;
            if next.next.is_none() {
                break;
            }
            last = Some(next);
        }
        assert_eq!(shown, sends, "by {limit}");
        assert_eq!(pages, 7usize.div_ceil(limit), "by {limit}");
    }
}

async fn sends_of_one_moment_are_all_shown(ports: &Ports) {
    let user = user_id();
    let mut ids: Vec<SendId> = Vec::new();
    for _ in 0..5 {
        let send = send(user, &phone(1), at(0));
        ports.sends.create(&send, at(9_999)).await.unwrap();
        ids.push(send.id);
    }
    ids.sort();
    let first = page(ports, user, 0, 1, None, 2).await;
    let second = page(ports, user, 0, 1, Some(&first), 2).await;
    let third = page(ports, user, 0, 1, Some(&second), 2).await;
    let shown: Vec<_> = [first, second, third].into_iter().flat_map(|p| p.sends).map(|s| s.id).collect();
    assert_eq!(shown, ids);
}

async fn a_report_is_of_one_tenant_and_one_number(ports: &Ports) {
    let (ana, bia) = (user_id(), user_id());
    let ours = a_second_apart(ports, ana, 2).await;
    a_second_apart(ports, bia, 2).await;
    ports.sends.create(&send(ana, &phone(2), at(0)), at(9_999)).await.unwrap();
    assert_eq!(page(ports, ana, 0, 99, None, 100).await.sends, ours);
}

async fn a_report_shows_what_became_of_sends(ports: &Ports) {
    let user = user_id();
    let sends = a_second_apart(ports, user, 2).await;
    ports.sends.apply(sends[0].id, &Step::Acknowledge, at(50)).await.unwrap();
    ports.sends.apply(sends[1].id, &Step::Cancel, at(51)).await.unwrap();
    let shown = page(ports, user, 0, 99, None, 100).await.sends;
    assert_eq!(shown[0], Send { status: Status::Sent, sent_at: Some(at(50)), ..sends[0].clone() });
    assert_eq!(shown[1].status, Status::Cancelled);
}

async fn a_span_that_ends_before_it_begins_is_empty(ports: &Ports) {
    let user = user_id();
    a_second_apart(ports, user, 2).await;
    for (from, to) in [(1, 1), (5, 1), (0, -1_789_999_999)] {
        assert_eq!(page(ports, user, from, to, None, 100).await, Page { sends: vec![], next: None });
    }
}

async fn statuses_are_those_of_the_sends(ports: &Ports) {
    let user = user_id();
    let sends = a_second_apart(ports, user, 5).await;
    ports.sends.apply(sends[1].id, &Step::Acknowledge, at(50)).await.unwrap();
    ports.sends.apply(sends[3].id, &Step::Cancel, at(51)).await.unwrap();
    let all = subject(user, 0, 99);
    let expected = [Status::Queued, Status::Sent, Status::Queued, Status::Cancelled, Status::Queued];
    let expected: Vec<_> = sends.iter().map(|send| send.queued_at).zip(expected).collect();
    for limit in [1, 2, 5, 1_000] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = ports.history.statuses(&all, after.as_ref(), limit).await.unwrap();
            assert!(page.statuses.len() <= limit);
            seen.extend(page.statuses);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "by {limit}");
    }
    let nothing = ports.history.statuses(&subject(user, 9, 3), None, 10).await.unwrap();
    assert_eq!((nothing.statuses, nothing.next), (vec![], None));
}

async fn a_page_may_be_larger_than_one_request(ports: &Ports) {
    let user = user_id();
    let sends = a_second_apart(ports, user, 230).await;
    let whole = page(ports, user, 0, 999, None, 500).await;
    assert_eq!(whole, Page { sends: sends.clone(), next: None });
    let first = page(ports, user, 0, 999, None, 229).await;
    assert_eq!(first.sends, sends[..229]);
    assert_eq!(page(ports, user, 0, 999, Some(&first), 500).await.sends, sends[229..]);
    let statuses = ports.history.statuses(&subject(user, 0, 999), None, 1_000).await.unwrap();
    assert_eq!((statuses.statuses.len(), statuses.next), (230, None));
}
