//! The contract of [`Bulks`](carteiro_core::ports::Bulks) and [`BulkSends`](carteiro_core::ports::BulkSends).

use crate::ports::Ports;
use crate::samples::{at, phone, random, send, send_id, user_id};
use carteiro_core::bulk::{Bulk, BulkFailure, BulkState, BulkWaiting};
use carteiro_core::ids::{BulkId, IdempotencyKey, SendId, UserId};
use carteiro_core::ports::{BulkList, CreatedBulk};
use carteiro_core::send::{RequestHash, Send, Status, Step};
use std::sync::Arc;

crate::contract! { in memory too:
    an_operation_reads_back_as_it_was_made,
    everything_that_changes_is_kept,
    of_two_who_save_the_same_one_does,
    a_key_names_one_operation_of_one_tenant_until_its_time,
    of_many_under_one_key_one_is_made,
    a_tenants_operations_are_listed_page_by_page_the_latest_first,
    sends_are_found_by_id_in_their_order,
}

fn bulk(user: UserId) -> Bulk {
    Bulk {
        id: BulkId::from_random(random()),
        user,
        from: phone(1),
        total: 10_000,
        made: 0,
        settled: 0,
        state: BulkState::Queued,
        waiting: None,
        request: RequestHash("00ff".into()),
        created_at: at(0),
        send_at: None,
        expires_at: None,
        retention: 30.try_into().unwrap(),
        ended_at: None,
        turn: 0,
        wake_at: at(0),
        rest: 0,
        attempts: 0,
        busy_until: None,
        revision: 0,
    }
}

fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

async fn an_operation_reads_back_as_it_was_made(ports: &Ports) {
    let made = Bulk { send_at: Some(at(60)), expires_at: Some(at(600)), ..bulk(user_id()) };
    assert_eq!(ports.bulks.find(made.id).await, Ok(None));
    // The longest key, of every character that one may have.
    let every: String = (b'!'..=b'~').map(char::from).cycle().take(255).collect();
    assert_eq!(ports.bulks.create(&made, &key(&every), at(86_400)).await, Ok(CreatedBulk::New));
    assert_eq!(ports.bulks.find(made.id).await, Ok(Some(made.clone())));
    assert_eq!(ports.bulks.named(made.user, &key(&every), at(1)).await, Ok(Some(made)));
}

async fn everything_that_changes_is_kept(ports: &Ports) {
    let mut changing = bulk(user_id());
    ports.bulks.create(&changing, &key("a"), at(9)).await.unwrap();
    let failed = BulkFailure::ALL.map(BulkState::Failed);
    let waits =
        [None, Some(BulkWaiting::Scheduled), Some(BulkWaiting::DailyLimit), Some(BulkWaiting::Backlog)];
    for state in
        [BulkState::Running, BulkState::Paused, BulkState::Cancelling, BulkState::Cancelled, BulkState::Done]
            .into_iter()
            .chain(failed)
    {
        changing.state = state;
        changing.made += 20;
        changing.settled += 10;
        changing.turn += 1;
        changing.attempts += 3;
        changing.rest += 2;
        changing.waiting = waits[changing.turn as usize % waits.len()];
        changing.wake_at = at(i64::from(changing.turn));
        changing.busy_until = changing.turn.is_multiple_of(2).then(|| at(77));
        changing.ended_at = (!changing.turn.is_multiple_of(2)).then(|| at(78));
        let seen = changing.revision;
        assert_eq!(ports.bulks.save(&mut changing).await, Ok(true));
        assert_eq!(changing.revision, seen + 1);
        assert_eq!(ports.bulks.find(changing.id).await, Ok(Some(changing.clone())));
    }
}

async fn a_tenants_operations_are_listed_page_by_page_the_latest_first(ports: &Ports) {
    let user = user_id();
    assert_eq!(ports.bulks.of_user(user, None, 2).await, Ok(BulkList { bulks: vec![], next: None }));
    let mut made = Vec::new();
    // Two of one moment, and one that goes on: its place stays.
    for (count, second) in [0, 7, 7, 9].into_iter().enumerate() {
        let mut one = Bulk { created_at: at(second), ..bulk(user) };
        ports.bulks.create(&one, &key(&count.to_string()), at(86_400)).await.unwrap();
        one.state = BulkState::Running;
        assert_eq!(ports.bulks.save(&mut one).await, Ok(true));
        made.push(one);
    }
    ports.bulks.create(&bulk(user_id()), &key("0"), at(86_400)).await.unwrap();
    made.sort_by_key(|one| std::cmp::Reverse(one.place()));
    let first = ports.bulks.of_user(user, None, 2).await.unwrap();
    assert_eq!((first.bulks, first.next), (made[..2].to_vec(), Some(made[1].place())));
    let second = ports.bulks.of_user(user, first.next, 2).await.unwrap();
    assert_eq!((second.bulks, second.next), (made[2..].to_vec(), None));
}

async fn of_two_who_save_the_same_one_does(ports: &Ports) {
    let mut one = bulk(user_id());
    ports.bulks.create(&one, &key("a"), at(9)).await.unwrap();
    let mut other = Bulk { state: BulkState::Paused, ..one.clone() };
    assert_eq!(ports.bulks.save(&mut one).await, Ok(true));
    assert_eq!((ports.bulks.save(&mut other).await, other.revision), (Ok(false), 0));
    assert_eq!(ports.bulks.find(one.id).await, Ok(Some(one)));
    let mut unknown = bulk(user_id());
    assert_eq!(ports.bulks.save(&mut unknown).await, Ok(false), "what was never made cannot be saved");
}

async fn a_key_names_one_operation_of_one_tenant_until_its_time(ports: &Ports) {
    let (user, other) = (user_id(), user_id());
    let first = bulk(user);
    assert_eq!(ports.bulks.create(&first, &key("a"), at(100)).await, Ok(CreatedBulk::New));
    assert_eq!(ports.bulks.create(&first, &key("a"), at(100)).await, Ok(CreatedBulk::New), "said twice");
    let second = bulk(user);
    let existing = CreatedBulk::Existing(Box::new(first.clone()));
    assert_eq!(ports.bulks.create(&second, &key("a"), at(100)).await, Ok(existing));
    assert_eq!(ports.bulks.find(second.id).await, Ok(None), "nothing was stored");
    assert_eq!(ports.bulks.create(&second, &key("b"), at(100)).await, Ok(CreatedBulk::New));
    let theirs = bulk(other);
    assert_eq!(ports.bulks.create(&theirs, &key("a"), at(100)).await, Ok(CreatedBulk::New));

    let named = async |user, name, second| {
        ports.bulks.named(user, &key(name), at(second)).await.unwrap().map(|bulk| bulk.id)
    };
    assert_eq!(named(user, "a", 99).await, Some(first.id));
    assert_eq!(named(user, "b", 99).await, Some(second.id));
    assert_eq!(named(other, "a", 99).await, Some(theirs.id));
    assert_eq!((named(user, "a", 100).await, named(user, "c", 0).await), (None, None));
    let third = Bulk { created_at: at(100), ..bulk(user) };
    assert_eq!(ports.bulks.create(&third, &key("a"), at(200)).await, Ok(CreatedBulk::New));
    assert_eq!(named(user, "a", 199).await, Some(third.id));
    assert_eq!(ports.bulks.find(first.id).await, Ok(Some(first)));
}

async fn of_many_under_one_key_one_is_made(ports: &Ports) {
    let user = user_id();
    let tries = (0..8).map(|_| {
        let (bulks, bulk) = (Arc::clone(&ports.bulks), bulk(user));
        tokio::spawn(async move { (bulks.create(&bulk, &key("a"), at(100)).await, bulk.id) })
    });
    let (mut new, mut named) = (Vec::new(), Vec::new());
    for tried in tries.collect::<Vec<_>>() {
        match tried.await.unwrap() {
            (Ok(CreatedBulk::New), id) => new.push(id),
            (Ok(CreatedBulk::Existing(first)), _) => named.push(first.id),
            // Two transactions may meet so often that one is given up.
            (Err(error), _) => assert!(error.to_string().contains("TransactionConflict"), "{error}"),
        }
    }
    assert_eq!(new.len(), 1);
    assert!(named.iter().all(|id| *id == new[0]));
}

async fn sends_are_found_by_id_in_their_order(ports: &Ports) {
    let (user, id) = (user_id(), BulkId::from_random(random()));
    let rows: Vec<SendId> = (0..250).map(|row| SendId::of_row(id, row)).collect();
    for (row, id) in (0..).zip(&rows[..230]) {
        let made = Send { id: *id, ..send(user, &phone(1), at(row)) };
        ports.sends.create(&made, at(9_999)).await.unwrap();
    }
    ports.sends.apply(rows[7], &Step::Read, at(500)).await.unwrap();
    let statuses = ports.bulk_sends.statuses(&rows).await.unwrap();
    for (row, status) in statuses.iter().enumerate() {
        let expected = if row == 7 { Some(Status::Read) } else { (row < 230).then_some(Status::Queued) };
        assert_eq!(*status, expected, "{row}");
    }
    let some = [rows[229], send_id(), rows[7], rows[0]];
    let found = ports.bulk_sends.sends(&some).await.unwrap();
    let ids: Vec<Option<SendId>> = found.iter().map(|send| send.as_ref().map(|send| send.id)).collect();
    assert_eq!(ids, [Some(rows[229]), None, Some(rows[7]), Some(rows[0])]);
    assert_eq!(found[2], ports.sends.find(rows[7]).await.unwrap());
    assert_eq!(ports.bulk_sends.statuses(&[]).await, Ok(Vec::new()));
}
