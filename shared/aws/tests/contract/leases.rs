//! The contract of [`Leases`](carteiro_core::ports::Leases).

use crate::ports::Ports;
use crate::samples::random;
use carteiro_core::lease::{Epoch, LeaseTable, ShardLease, TaskId, TaskRow};
use carteiro_core::ports::LeaseError;
use carteiro_core::shard::Shard;
use std::sync::Arc;

crate::contract! {
    heartbeats_show,
    a_shard_is_taken_given_up_and_taken_again,
    what_was_seen_must_still_be_so,
    of_two_takers_one_takes,
    a_dead_owner_is_revoked_in_the_same_step,
    a_revoked_task_takes_nothing,
    giving_up_what_was_lost_changes_nothing,
    a_task_that_beats_while_it_takes_is_not_refused,
    a_task_that_leaves_says_so_until_it_is_gone,
}

fn task() -> TaskId {
    TaskId::from_random(random())
}

fn shard(index: u16) -> Shard {
    Shard::from_stored(index)
}

fn owned(owner: &TaskId, epoch: Epoch) -> ShardLease {
    ShardLease { owner: Some(owner.clone()), epoch }
}

async fn heartbeats_show(ports: &Ports) {
    let (leases, a, b) = (ports.leases(), task(), task());
    assert_eq!(leases.view().await, Ok(LeaseTable::default()));
    leases.heartbeat(&a, 1).await.unwrap();
    leases.heartbeat(&b, 7).await.unwrap();
    leases.heartbeat(&a, 2).await.unwrap();
    assert_eq!(leases.heartbeat(&a, 2).await, Ok(()), "a repetition");
    assert_eq!(leases.heartbeat(&a, 1).await, Err(LeaseError::Changed), "one that comes late");
    let view = leases.view().await.unwrap();
    assert_eq!(view.tasks.get(&a), Some(&TaskRow { counter: 2, ..TaskRow::default() }));
    assert_eq!(view.tasks.get(&b), Some(&TaskRow { counter: 7, ..TaskRow::default() }));
    leases.retire(&a).await.unwrap();
    leases.retire(&a).await.unwrap();
    assert_eq!(leases.view().await.unwrap().tasks.len(), 1);
}

async fn a_shard_is_taken_given_up_and_taken_again(ports: &Ports) {
    let (leases, a, b) = (ports.leases(), task(), task());
    let first = leases.take(shard(3), &a, None, false).await.unwrap();
    assert_eq!(first, Epoch::FIRST);
    assert_eq!(leases.view().await.unwrap().shards[&shard(3)], owned(&a, first));
    leases.release(shard(3), &a, first).await.unwrap();
    let free = ShardLease { owner: None, epoch: first };
    assert_eq!(leases.view().await.unwrap().shards[&shard(3)], free);
    let second = leases.take(shard(3), &b, Some(&free), false).await.unwrap();
    assert_eq!(second, first.next());
    assert_eq!(leases.view().await.unwrap().shards[&shard(3)], owned(&b, second));
}

async fn what_was_seen_must_still_be_so(ports: &Ports) {
    let (leases, a, b) = (ports.leases(), task(), task());
    let first = leases.take(shard(0), &a, None, false).await.unwrap();
    let stale = [
        None,
        Some(ShardLease { owner: None, epoch: first }),
        Some(owned(&b, first)),
        Some(owned(&a, first.next())),
    ];
    for seen in stale {
        let taken = leases.take(shard(0), &b, seen.as_ref(), false).await;
        assert_eq!(taken, Err(LeaseError::Changed), "{seen:?}");
    }
    let never_owned = Some(ShardLease { owner: None, epoch: first });
    assert_eq!(leases.take(shard(1), &b, never_owned.as_ref(), false).await, Err(LeaseError::Changed));
    assert_eq!(leases.view().await.unwrap().shards[&shard(0)], owned(&a, first));
}

async fn of_two_takers_one_takes(ports: &Ports) {
    for index in 0..5 {
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let (leases, me) = (Arc::clone(ports.leases()), task());
                tokio::spawn(async move { (me.clone(), leases.take(shard(index), &me, None, false).await) })
            })
            .collect();
        let mut owners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                (me, Ok(epoch)) => owners.push((me, epoch)),
                (_, Err(error)) => assert_eq!(error, LeaseError::Changed),
            }
        }
        assert_eq!(owners.len(), 1);
        let lease = ports.leases().view().await.unwrap().shards.remove(&shard(index)).unwrap();
        assert_eq!(lease, owned(&owners[0].0, owners[0].1));
    }
}

async fn a_dead_owner_is_revoked_in_the_same_step(ports: &Ports) {
    let (leases, dead, heir) = (ports.leases(), task(), task());
    leases.heartbeat(&dead, 5).await.unwrap();
    leases.heartbeat(&heir, 1).await.unwrap();
    let first = leases.take(shard(0), &dead, None, false).await.unwrap();
    // Who is too late revokes nobody.
    let stale = owned(&dead, first.next());
    assert_eq!(leases.take(shard(0), &heir, Some(&stale), true).await, Err(LeaseError::Changed));
    leases.heartbeat(&dead, 6).await.unwrap();

    let second = leases.take(shard(0), &heir, Some(&owned(&dead, first)), true).await.unwrap();
    assert_eq!(second, first.next());
    let view = leases.view().await.unwrap();
    assert_eq!(view.tasks[&dead], TaskRow { counter: 6, revoked: true, ..TaskRow::default() });
    assert_eq!(view.shards[&shard(0)], owned(&heir, second));
    assert_eq!(leases.heartbeat(&dead, 7).await, Err(LeaseError::Revoked));
    leases.heartbeat(&heir, 2).await.unwrap();
}

async fn a_revoked_task_takes_nothing(ports: &Ports) {
    let (leases, dead, heir) = (ports.leases(), task(), task());
    let first = leases.take(shard(0), &dead, None, false).await.unwrap();
    leases.take(shard(0), &heir, Some(&owned(&dead, first)), true).await.unwrap();
    assert_eq!(leases.take(shard(1), &dead, None, false).await, Err(LeaseError::Revoked));
    assert!(!leases.view().await.unwrap().shards.contains_key(&shard(1)));
}

async fn giving_up_what_was_lost_changes_nothing(ports: &Ports) {
    let (leases, a, b) = (ports.leases(), task(), task());
    let first = leases.take(shard(0), &a, None, false).await.unwrap();
    let second = leases.take(shard(0), &b, Some(&owned(&a, first)), false).await.unwrap();
    leases.release(shard(0), &a, first).await.unwrap();
    leases.release(shard(0), &b, first).await.unwrap();
    leases.release(shard(9), &b, first).await.unwrap();
    let view = leases.view().await.unwrap();
    assert_eq!(view.shards[&shard(0)], owned(&b, second));
    assert!(!view.shards.contains_key(&shard(9)));
}

async fn a_task_that_beats_while_it_takes_is_not_refused(ports: &Ports) {
    let (leases, me) = (ports.leases(), task());
    let beats = tokio::spawn({
        let (leases, me) = (Arc::clone(leases), me.clone());
        async move {
            for counter in 1..=30 {
                leases.heartbeat(&me, counter).await.unwrap();
            }
        }
    });
    for index in 0..16 {
        leases.take(shard(index), &me, None, false).await.unwrap();
    }
    beats.await.unwrap();
    assert_eq!(leases.view().await.unwrap().shards.len(), 16);
}

async fn a_task_that_leaves_says_so_until_it_is_gone(ports: &Ports) {
    let (leases, me, gone) = (ports.leases(), task(), task());
    leases.heartbeat(&me, 1).await.unwrap();
    leases.leave(&me).await.unwrap();
    leases.heartbeat(&me, 2).await.unwrap();
    leases.leave(&gone).await.unwrap();
    let view = leases.view().await.unwrap();
    assert_eq!(view.tasks.get(&me), Some(&TaskRow { counter: 2, leaving: true, ..TaskRow::default() }));
    assert_eq!(view.tasks.len(), 1, "what is gone stays gone");
}
