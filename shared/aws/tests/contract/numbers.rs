//! The contract of [`Numbers`](carteiro_core::ports::Numbers).

use crate::ports::Ports;
use crate::samples::{admin, phone, user, worker};
use carteiro_core::ids::UserId;
use carteiro_core::number::NumberChange::{Add, Remove};
use carteiro_core::number::{Claim, Role};
use carteiro_core::ports::{ApplyError, MAX_NUMBER_CHANGES, Unavailable};
use carteiro_core::shard::Shard;
use std::sync::Arc;

crate::contract! { in memory too:
    numbers_are_listed_by_role_and_number,
    adding_and_removing_again_changes_nothing,
    the_last_word_on_a_number_counts,
    a_worker_belongs_to_one_tenant,
    all_changes_or_none,
    the_limit_of_workers_holds,
    over_the_limit_one_may_still_remove_and_add_admins,
    twenty_adds_at_once_keep_the_limit,
    of_many_tenants_who_want_one_worker_one_gets_it,
    the_most_changes_at_once,
    workers_that_went_are_known,
}

fn shard() -> Shard {
    Shard::from_stored(5)
}

async fn tenant(ports: &Ports, name: &str) -> UserId {
    let tenant = user(name);
    ports.accounts.create(&tenant).await.unwrap();
    tenant.id
}

async fn numbers_are_listed_by_role_and_number(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![]));
    let changes = [worker(2), admin(3), worker(1), admin(1)].map(|number| Add(number, Shard::from_stored(5)));
    ports.numbers.apply(ana, &changes, 2).await.unwrap();
    let expected = vec![admin(1), admin(3), worker(1), worker(2)];
    assert_eq!(ports.numbers.list(ana).await, Ok(expected));
    let claim = Claim { user: ana, shard: shard() };
    assert_eq!(ports.numbers.claim(&phone(1)).await, Ok(Some(claim)));
    assert_eq!(ports.numbers.claim(&phone(3)).await, Ok(None), "an admin's number is claimed by nobody");
    let other = tenant(ports, "bia").await;
    assert_eq!(ports.numbers.list(other).await, Ok(vec![]));
}

async fn adding_and_removing_again_changes_nothing(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    for _ in 0..2 {
        ports.numbers.apply(ana, &[Add(worker(1), shard()), Add(admin(1), shard())], 1).await.unwrap();
    }
    // A worker keeps the shard that it got first.
    ports.numbers.apply(ana, &[Add(worker(1), Shard::from_stored(9))], 1).await.unwrap();
    assert_eq!(ports.numbers.claim(&phone(1)).await.unwrap().unwrap().shard, shard());
    for _ in 0..2 {
        ports.numbers.apply(ana, &[Remove(worker(1)), Remove(worker(2))], 1).await.unwrap();
    }
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![admin(1)]));
    assert_eq!(ports.numbers.claim(&phone(1)).await, Ok(None));
    ports.numbers.apply(ana, &[], 0).await.unwrap();
}

async fn the_last_word_on_a_number_counts(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    ports.numbers.apply(ana, &[Add(worker(1), shard())], 1).await.unwrap();
    let swap = [Remove(worker(1)), Add(worker(2), shard()), Remove(worker(2)), Add(worker(3), shard())];
    ports.numbers.apply(ana, &swap, 1).await.unwrap();
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![worker(3)]));
}

async fn a_worker_belongs_to_one_tenant(ports: &Ports) {
    let (ana, bia) = (tenant(ports, "ana").await, tenant(ports, "bia").await);
    ports.numbers.apply(ana, &[Add(worker(1), shard())], 9).await.unwrap();
    let taken = ports.numbers.apply(bia, &[Add(worker(1), shard())], 9).await;
    assert_eq!(taken, Err(ApplyError::Taken(phone(1))));
    ports.numbers.apply(bia, &[Add(admin(1), shard())], 9).await.unwrap();
    // Another tenant cannot free it either.
    ports.numbers.apply(bia, &[Remove(worker(1))], 9).await.unwrap();
    assert_eq!(ports.numbers.claim(&phone(1)).await.unwrap().unwrap().user, ana);
    ports.numbers.apply(ana, &[Remove(worker(1))], 9).await.unwrap();
    ports.numbers.apply(bia, &[Add(worker(1), shard())], 9).await.unwrap();
    assert_eq!(ports.numbers.claim(&phone(1)).await.unwrap().unwrap().user, bia);
}

async fn all_changes_or_none(ports: &Ports) {
    let (ana, bia) = (tenant(ports, "ana").await, tenant(ports, "bia").await);
    ports.numbers.apply(ana, &[Add(worker(1), shard())], 9).await.unwrap();
    ports.numbers.apply(bia, &[Add(worker(2), shard())], 9).await.unwrap();
    let changes =
        [Remove(worker(2)), Add(worker(3), shard()), Add(worker(1), shard()), Add(admin(4), shard())];
    assert_eq!(ports.numbers.apply(bia, &changes, 9).await, Err(ApplyError::Taken(phone(1))));
    assert_eq!(ports.numbers.list(bia).await, Ok(vec![worker(2)]));
    assert_eq!(ports.numbers.claim(&phone(3)).await, Ok(None));
    assert_eq!(ports.numbers.claim(&phone(2)).await.unwrap().unwrap().user, bia);
}

async fn the_limit_of_workers_holds(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    let three = [1, 2, 3].map(|n| Add(worker(n), shard()));
    assert_eq!(ports.numbers.apply(ana, &three, 2).await, Err(ApplyError::TooManyWorkers));
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![]));
    ports.numbers.apply(ana, &three[..2], 2).await.unwrap();
    assert_eq!(ports.numbers.apply(ana, &three[2..], 2).await, Err(ApplyError::TooManyWorkers));
    ports.numbers.apply(ana, &[Add(admin(9), shard())], 2).await.unwrap();
    ports.numbers.apply(ana, &[Remove(worker(1)), three[2].clone()], 2).await.unwrap();
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![admin(9), worker(2), worker(3)]));
}

async fn over_the_limit_one_may_still_remove_and_add_admins(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    let four = [1, 2, 3, 4].map(|n| Add(worker(n), shard()));
    ports.numbers.apply(ana, &four, 4).await.unwrap();
    ports.numbers.apply(ana, &[Remove(worker(1)), Add(admin(1), shard())], 1).await.unwrap();
    let more = [Remove(worker(2)), Add(worker(1), shard())];
    assert_eq!(ports.numbers.apply(ana, &more, 1).await, Err(ApplyError::TooManyWorkers));
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![admin(1), worker(2), worker(3), worker(4)]));
}

async fn twenty_adds_at_once_keep_the_limit(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let numbers = Arc::clone(&ports.numbers);
            tokio::spawn(async move { numbers.apply(ana, &[Add(worker(n), shard())], 5).await })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => added += 1,
            Err(error) => {
                assert!(matches!(error, ApplyError::TooManyWorkers | ApplyError::Conflict), "{error:?}");
            }
        }
    }
    let workers = ports.numbers.list(ana).await.unwrap();
    assert_eq!(workers.len(), added, "what was answered is what is there");
    assert!((1..=5).contains(&added), "{added} were added");
    for number in 0..20 {
        let claimed = ports.numbers.claim(&phone(number)).await.unwrap().is_some();
        assert_eq!(claimed, workers.contains(&worker(number)));
    }
    // The count did not drift: exactly the room that is left can be filled.
    let rest: Vec<_> = (100..105 - added as u32).map(|n| Add(worker(n), shard())).collect();
    ports.numbers.apply(ana, &rest, 5).await.unwrap();
    let one_more = ports.numbers.apply(ana, &[Add(worker(200), shard())], 5).await;
    assert_eq!(one_more, Err(ApplyError::TooManyWorkers));
}

async fn of_many_tenants_who_want_one_worker_one_gets_it(ports: &Ports) {
    let mut tasks = Vec::new();
    for n in 0..8 {
        let (numbers, user) = (Arc::clone(&ports.numbers), tenant(ports, &format!("login{n}")).await);
        tasks.push(tokio::spawn(
            async move { (user, numbers.apply(user, &[Add(worker(1), shard())], 1).await) },
        ));
    }
    let mut winners = Vec::new();
    for task in tasks {
        let (user, result) = task.await.unwrap();
        let has = ports.numbers.list(user).await.unwrap().len();
        match result {
            Ok(()) => winners.push(user),
            Err(error) => assert!(matches!(error, ApplyError::Taken(_) | ApplyError::Conflict), "{error:?}"),
        }
        assert_eq!(has, usize::from(winners.contains(&user)));
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(ports.numbers.claim(&phone(1)).await.unwrap().unwrap().user, winners[0]);
}

async fn the_most_changes_at_once(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    let adds: Vec<_> = (0..=MAX_NUMBER_CHANGES as u32).map(|n| Add(worker(n), shard())).collect();
    let too_many = ports.numbers.apply(ana, &adds, 999).await;
    assert!(matches!(too_many, Err(ApplyError::Unavailable(Unavailable { .. }))), "{too_many:?}");
    ports.numbers.apply(ana, &adds[1..], 999).await.unwrap();
    let listed = ports.numbers.list(ana).await.unwrap();
    assert_eq!(listed.len(), MAX_NUMBER_CHANGES);
    assert!(listed.iter().all(|number| number.role == Role::Worker));
    let removes: Vec<_> = listed.into_iter().map(Remove).collect();
    ports.numbers.apply(ana, &removes, 999).await.unwrap();
    assert_eq!(ports.numbers.list(ana).await, Ok(vec![]));
}

async fn workers_that_went_are_known(ports: &Ports) {
    let (ana, bia) = (tenant(ports, "ana").await, tenant(ports, "bia").await);
    assert_eq!(ports.numbers.former(ana).await, Ok(vec![]));
    let adds = [3, 1, 2].map(|n| Add(worker(n), shard()));
    ports.numbers.apply(ana, &adds, 9).await.unwrap();
    ports.numbers.apply(ana, &[Add(admin(4), shard())], 9).await.unwrap();
    assert_eq!(ports.numbers.former(ana).await, Ok(vec![]));
    let gone = [Remove(worker(3)), Remove(worker(1)), Remove(admin(4)), Remove(worker(5))];
    ports.numbers.apply(ana, &gone, 9).await.unwrap();
    ports.numbers.apply(bia, &[Add(worker(1), shard())], 9).await.unwrap();
    ports.numbers.apply(ana, &[Add(worker(3), shard())], 9).await.unwrap();
    assert_eq!(ports.numbers.former(ana).await, Ok(vec![phone(1), phone(3)]), "whoever has them now");
    assert_eq!(ports.numbers.former(bia).await, Ok(vec![]));
}

mod with_its_tenant {
    //! What ties numbers to their tenant's own item; the stores in memory know no such tie.

    use super::*;

    crate::contract! { a_tenant_that_is_gone_gets_no_numbers, a_tenant_with_numbers_is_not_removed }

    async fn a_tenant_that_is_gone_gets_no_numbers(ports: &Ports) {
        let ana = user("ana");
        ports.accounts.create(&ana).await.unwrap();
        ports.accounts.remove(&ana).await.unwrap();
        let added = ports.numbers.apply(ana.id, &[Add(worker(1), shard())], 9).await;
        assert_eq!(added, Err(ApplyError::Conflict));
        assert_eq!(ports.numbers.claim(&phone(1)).await, Ok(None));
    }

    async fn a_tenant_with_numbers_is_not_removed(ports: &Ports) {
        for number in [worker(1), admin(1)] {
            let ana = user("ana");
            ports.accounts.create(&ana).await.unwrap();
            ports.numbers.apply(ana.id, &[Add(number.clone(), shard())], 9).await.unwrap();
            assert!(ports.accounts.remove(&ana).await.is_err());
            assert!(ports.accounts.find(ana.id).await.unwrap().is_some());
            ports.numbers.apply(ana.id, &[Remove(number)], 9).await.unwrap();
            ports.accounts.remove(&ana).await.unwrap();
        }
    }
}
