//! For how long sends are kept.

use crate::ids::SendId;
use crate::ports::Clock;
use crate::send::Send;
use crate::usecase::fixture::{World, body, key, request, tenant};
use crate::user::User;
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The world's tenant, on a plan that keeps what it does for a week.
fn breve() -> User {
    tenant(1, "breve")
}

async fn accept(world: &World, tenant: &User, under: Option<&str>) -> (Send, bool) {
    let key = under.map(key);
    let accepted = world.accept_send().accept(tenant, request(&body("Olá")), key.as_ref()).await.unwrap();
    (accepted.send, accepted.replayed)
}

/// How many whole days a time is from now.
fn days(world: &World, until: Timestamp) -> i64 {
    until.duration_since(world.clock.now()).as_hours() / 24
}

#[tokio::test]
async fn a_send_is_kept_for_its_tenants_days() {
    let world = World::new().await;
    let chosen = |days: u16, tenant: User| User { retention: Some(days.try_into().unwrap()), ..tenant };
    for (tenant, kept) in [
        (world.tenant.clone(), 400),
        (breve(), 7),
        (chosen(30, world.tenant.clone()), 30),
        (chosen(30, breve()), 7),
    ] {
        let (send, _) = accept(&world, &tenant, None).await;
        assert_eq!(days(&world, send.kept_until), kept);
        assert_eq!(world.sends.peek(send.id).unwrap().kept_until, send.kept_until);
    }
}

#[tokio::test]
async fn the_days_of_a_scheduled_send_begin_with_its_time_and_those_of_a_row_with_its_operations_end() {
    let world = World::new().await;
    let mut later = body("Olá");
    later["send_at"] = (world.clock.now() + DAY * 10).to_string().into();
    let accept = world.accept_send();
    let scheduled = accept.accept(&breve(), request(&later), None).await.unwrap().send;
    assert_eq!(days(&world, scheduled.kept_until), 17);
    let (id, lasts) = (SendId::from_random([7; 16]), world.clock.now() + DAY * 30);
    let row = accept.accept_as(&breve(), request(&body("Olá")), id, lasts).await.unwrap().send;
    assert_eq!(days(&world, row.kept_until), 37);
}

/// A key that is used each day for longer than its first send is kept: what is asked twice within a day is sent once all the same.
#[tokio::test]
async fn a_key_outlives_the_sends_that_it_named() {
    let world = World::new().await;
    let breve = breve();
    for day in 0..40 {
        let (first, replayed) = accept(&world, &breve, Some("diario")).await;
        assert!(!replayed, "day {day}");
        for _ in 0..4 {
            world.clock.advance(SignedDuration::from_hours(5));
            world.sends.forget(world.clock.now());
            let (again, replayed) = accept(&world, &breve, Some("diario")).await;
            assert!(replayed && again.id == first.id, "day {day}");
        }
        world.clock.advance(SignedDuration::from_hours(5));
        world.sends.forget(world.clock.now());
    }
    assert!(world.sends.all().len() <= 20, "most of them are gone: {}", world.sends.all().len());
}
