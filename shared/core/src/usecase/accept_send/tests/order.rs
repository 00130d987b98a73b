//! Sends leave in the order in which they were accepted, whatever becomes of their signals.

use crate::command::SendAccepted;
use crate::error::Code;
use crate::ids::SendId;
use crate::ports::Sends;
use crate::send::{Status, Waiting};
use crate::usecase::Dispatched;
use crate::usecase::fixture::{World, key};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn named(world: &World, name: &str) -> SendId {
    SendId::from_idempotency_key(world.tenant.id, &key(name), 0)
}

/// The sends whose signals are in the queue, each where its first one is.
fn signalled(world: &World) -> Vec<SendId> {
    let mut order = Vec::new();
    for pushed in world.queue.pushed() {
        if !order.contains(&pushed.accepted.send_id) {
            order.push(pushed.accepted.send_id);
        }
    }
    order
}

#[tokio::test]
async fn a_named_send_without_a_signal_is_not_accepted_until_it_is_asked_for_again() {
    let world = World::new().await;
    world.queue.switch.fail();
    for _ in 0..2 {
        assert_eq!(world.accept("um", Some("1")).await.unwrap_err().code(), Code::Unavailable);
    }
    let first = named(&world, "1");
    assert_eq!(world.sends.peek(first).unwrap().status, Status::Queued);
    assert_eq!(world.sends.due_at(first), Some(world.in_a_minute()), "a sweep finds it, too");
    world.queue.switch.recover();
    let again = world.accept("um", Some("1")).await.unwrap();
    assert_eq!((again.send.id, again.replayed, again.not_queued), (first, true, None));
    let second = world.accept("dois", None).await.unwrap().send.id;
    assert_eq!(signalled(&world), [first, second]);
    assert_eq!(world.usage.total(world.tenant.id), 3, "of the two that failed, one stays counted");
}

#[tokio::test]
async fn a_send_without_a_name_and_a_signal_is_taken_back() {
    let world = World::new().await;
    world.queue.switch.fail();
    assert_eq!(world.accept("um", None).await.unwrap_err().code(), Code::Unavailable);
    let all = world.sends.all();
    assert_eq!((all.len(), all[0].status), (1, Status::Cancelled));
    assert_eq!(world.usage.total(world.tenant.id), 0);
    world.queue.switch.recover();
    // Its signal has arrived after all, and only the answer was lost.
    let late = SendAccepted { send_id: all[0].id };
    let dispatched = world.dispatch().dispatch(&late, Timestamp::MAX).await;
    assert_eq!(dispatched, Ok(Dispatched::Nothing(Status::Cancelled)));
    assert!(world.shards.pushed().is_empty());
    let sent = world.accept("um", None).await.unwrap().send.id;
    world.clock.advance(SignedDuration::from_mins(5));
    world.sweep().run(10, Timestamp::MAX).await.unwrap();
    assert_eq!(signalled(&world), [sent], "and is not sent twice");
}

#[tokio::test]
async fn one_that_was_taken_back_unheard_is_not_accepted() {
    let plans: [fn(&World); 2] =
        [|world| world.sends.switch.double("apply"), |world| world.sends.switch.lose("apply")];
    for plan in plans {
        let world = World::new().await;
        world.queue.switch.fail();
        plan(&world);
        assert_eq!(world.accept("um", None).await.unwrap_err().code(), Code::Unavailable);
        assert_eq!(world.sends.all()[0].status, Status::Cancelled);
        assert_eq!(world.usage.total(world.tenant.id), 0);
    }
}

#[tokio::test]
async fn one_that_cannot_be_taken_back_is_accepted_and_left_to_a_sweep() {
    let world = World::new().await;
    world.queue.switch.fail();
    world.sends.switch.fail_in("apply");
    let accepted = world.accept("um", None).await.unwrap();
    assert!(accepted.not_queued.is_some());
    world.queue.switch.recover();
    world.sends.switch.recover();
    world.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(world.sweep().run(10, Timestamp::MAX).await.unwrap().requeued, 1);
    assert_eq!(signalled(&world), [accepted.send.id]);
}

#[tokio::test]
async fn what_a_sweep_has_signalled_or_a_session_parked_is_not_signalled_again() {
    let world = World::new().await;
    world.queue.switch.fail();
    world.accept("um", Some("1")).await.unwrap_err();
    world.queue.switch.recover();
    world.clock.advance(SignedDuration::from_mins(1));
    world.sweep().run(10, Timestamp::MAX).await.unwrap();
    let parked = world.accept("dois", Some("2")).await.unwrap().send;
    world.sends.park(&parked, Waiting::NotConnected).await.unwrap();
    assert_eq!(world.queue.pushed().len(), 2);
    for (content, name) in [("um", "1"), ("dois", "2")] {
        assert!(world.accept(content, Some(name)).await.unwrap().replayed);
    }
    assert_eq!(world.queue.pushed().len(), 2);
}

proptest! {
    /// Each send is insisted on before the next is asked for; the queue and the store fail as they like.
    #[test]
    fn sends_are_signalled_in_the_order_in_which_they_were_accepted(
        tries in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..30),
    ) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let world = World::new().await;
            let (mut accepted, mut next) = (Vec::new(), 0);
            for (named, queue_fails, store_fails) in tries {
                if queue_fails {
                    world.queue.switch.fail();
                }
                if store_fails && (named || !queue_fails) {
                    world.sends.switch.fail();
                }
                let name = format!("{next}");
                if let Ok(send) = world.accept(&name, named.then_some(name.as_str())).await {
                    accepted.push(send.send.id);
                    next += 1;
                }
                world.queue.switch.recover();
                world.sends.switch.recover();
            }
            let order = signalled(&world);
            let told: Vec<_> = order.iter().filter(|id| accepted.contains(id)).copied().collect();
            prop_assert_eq!(told, accepted);
            Ok(())
        })?;
    }
}
