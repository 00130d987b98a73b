//! The sends of a day.

use crate::error::Code;
use crate::ports::{Clock, Sends, Usage};
use crate::send::Step;
use crate::usecase::fixture::{World, body, key, request, tenant};
use crate::usecase::{AcceptSend, Accepted};
use crate::user::User;
use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

/// The world's tenant, on a plan of three sends a day.
fn trio() -> User {
    tenant(1, "trio")
}

async fn send(accept: &AcceptSend, tenant: &User, text: &str, under: Option<&str>) -> Result<Accepted, Code> {
    let key = under.map(key);
    let accepted = accept.accept(tenant, request(&body(text)), key.as_ref()).await;
    accepted.map_err(|problem| problem.code())
}

#[tokio::test]
async fn a_plan_has_so_many_sends_a_day() {
    let world = World::new().await;
    let accept = world.accept_send();
    for n in 0..3 {
        send(&accept, &trio(), &format!("{n}"), None).await.unwrap();
    }
    let refused = accept.accept(&trio(), request(&body("x")), None).await.unwrap_err();
    assert_eq!(refused.code(), Code::PlanSendsLimit);
    assert!(refused.description().contains("trio") && refused.description().contains('3'));
    assert_eq!((world.sends.all().len(), world.queue.pushed().len()), (3, 3));
    assert_eq!(send(&accept, &trio(), "x", Some("novo")).await.unwrap_err(), Code::PlanSendsLimit);
    send(&accept, &tenant(1, "premium"), "x", None).await.expect("another plan, another limit");
    assert_eq!(world.usage.total(world.tenant.id), 4, "sends without a limit are counted too");
}

#[tokio::test]
async fn the_day_is_the_tenants() {
    let world = World::new().await;
    let accept = world.accept_send();
    // It is 19:13:20 in São Paulo, 18:13:20 in Manaus, 07:13:20 of the next day in Tóquio.
    let in_zone = |zone: &str| User { time_zone: Some(zone.parse().unwrap()), ..trio() };
    for (user, day) in [
        (trio(), date(2023, 11, 14)),
        (in_zone("Asia/Tokyo"), date(2023, 11, 15)),
        (in_zone("America/Manaus"), date(2023, 11, 14)),
    ] {
        send(&accept, &user, "x", None).await.unwrap();
        let counted = world.usage.counted(user.id, day, day).await.unwrap();
        assert!(counted.iter().any(|(on, count)| *on == day && *count > 0), "{day}");
    }
    send(&accept, &trio(), "x", None).await.unwrap();
    assert_eq!(send(&accept, &trio(), "x", None).await.unwrap_err(), Code::PlanSendsLimit);
    world.clock.advance(SignedDuration::from_secs(4 * 3600 + 46 * 60 + 39));
    assert_eq!(send(&accept, &trio(), "x", None).await.unwrap_err(), Code::PlanSendsLimit, "23:59:59");
    world.clock.advance(SignedDuration::from_secs(1));
    send(&accept, &trio(), "x", None).await.expect("midnight in São Paulo");
    assert_eq!(world.clock.now().to_string(), "2023-11-15T03:00:00Z");
    assert_eq!(send(&accept, &in_zone("America/Manaus"), "x", None).await.unwrap_err(), Code::PlanSendsLimit);
}

#[tokio::test]
async fn replays_do_not_count_and_are_answered_past_the_limit() {
    let world = World::new().await;
    let accept = world.accept_send();
    let first = send(&accept, &trio(), "x", Some("a")).await.unwrap();
    for _ in 0..5 {
        assert!(send(&accept, &trio(), "x", Some("a")).await.unwrap().replayed);
        assert_eq!(send(&accept, &trio(), "y", Some("a")).await.unwrap_err(), Code::IdempotencyMismatch);
    }
    assert_eq!(world.usage.total(world.tenant.id), 1);
    for _ in 0..2 {
        send(&accept, &trio(), "x", None).await.unwrap();
    }
    let again = send(&accept, &trio(), "x", Some("a")).await.unwrap();
    assert!(again.replayed && again.send == first.send);
    assert_eq!(send(&accept, &trio(), "y", Some("a")).await.unwrap_err(), Code::IdempotencyMismatch);
    assert_eq!(send(&accept, &trio(), "x", Some("b")).await.unwrap_err(), Code::PlanSendsLimit);
}

#[tokio::test]
async fn what_may_be_stored_stays_counted() {
    let world = World::new().await;
    let accept = world.accept_send();
    send(&accept, &trio(), "antes", None).await.unwrap();
    world.sends.switch.fail();
    for under in [None, Some("a")] {
        assert_eq!(send(&accept, &trio(), "x", under).await.unwrap_err(), Code::Unavailable);
    }
    assert_eq!(world.usage.total(world.tenant.id), 3, "never more than the limit, whatever an outage hides");
    world.sends.switch.recover();
    world.usage.switch.fail();
    assert_eq!(send(&accept, &trio(), "x", None).await.unwrap_err(), Code::Unavailable);
    assert_eq!(world.sends.all().len(), 1, "what cannot be counted is not taken");
}

proptest! {
    /// Whatever is asked, with and without keys, however often: no day has more sends than the plan has.
    #[test]
    fn no_day_has_more_than_the_limit(steps in prop::collection::vec((0u8..4, 0u8..2, 0i64..9), 1..60)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let world = World::new().await;
            let accept = world.accept_send();
            for (key, text, hours) in steps {
                world.clock.advance(SignedDuration::from_hours(hours));
                let under = (key > 0).then(|| format!("chave-{key}"));
                let _ = send(&accept, &trio(), &format!("{text}"), under.as_deref()).await;
            }
            let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
            let mut days = std::collections::BTreeMap::<_, u32>::new();
            for send in world.sends.all() {
                *days.entry(zone.to_datetime(send.queued_at).date()).or_default() += 1;
            }
            assert!(days.values().all(|count| *count <= 3), "{days:?}");
            let total: u32 = days.values().sum();
            assert_eq!(world.usage.total(world.tenant.id), total, "counted is what was stored");
        });
    }
}

/// The world's tenant, on a plan of three sends in a line.
fn curto() -> User {
    tenant(1, "curto")
}

#[tokio::test]
async fn a_line_takes_so_many_and_has_room_again_when_one_leaves_it() {
    let world = World::new().await;
    let accept = world.accept_send();
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(send(&accept, &curto(), &format!("{n}"), Some(&format!("k{n}"))).await.unwrap().send.id);
    }
    let refused = accept.accept(&curto(), request(&body("x")), None).await.unwrap_err();
    assert_eq!(refused.code(), Code::BacklogFull);
    assert_eq!(refused.retry_after(), Some(SignedDuration::from_secs(60)));
    assert!(refused.description().contains("5511988887777") && refused.description().contains('3'));
    assert!(send(&accept, &curto(), "0", Some("k0")).await.unwrap().replayed, "what was accepted stays so");
    assert_eq!(send(&accept, &curto(), "x", Some("k9")).await.unwrap_err(), Code::BacklogFull);
    assert_eq!(world.usage.total(world.tenant.id), 3, "a refused one is none of the day's");
    world.sends.apply(ids[1], &Step::Cancel, world.clock.now()).await.unwrap();
    send(&accept, &curto(), "x", Some("k9")).await.unwrap();
    assert_eq!(send(&accept, &curto(), "y", None).await.unwrap_err(), Code::BacklogFull);
}

#[tokio::test]
async fn what_is_scheduled_stands_in_a_line_of_its_own() {
    let world = World::new().await;
    let accept = world.accept_send();
    let later = |hours: i64| {
        let mut body = body("x");
        body["send_at"] = json!((world.clock.now() + SignedDuration::from_hours(hours)).to_string());
        request(&body)
    };
    for _ in 0..3 {
        send(&accept, &curto(), "x", None).await.unwrap();
        accept.accept(&curto(), later(1), None).await.unwrap();
    }
    let refused = accept.accept(&curto(), later(2), None).await.unwrap_err();
    assert_eq!(refused.code(), Code::BacklogFull);
    assert!(refused.description().contains("agendados"));
    assert_eq!(send(&accept, &curto(), "x", None).await.unwrap_err(), Code::BacklogFull);
}

#[tokio::test]
async fn a_scheduled_send_is_of_the_day_on_which_it_goes_out() {
    let world = World::new().await;
    let mut body = body("x");
    body["send_at"] = json!("2023-11-16T02:59:59Z");
    world.accept_send().accept(&trio(), request(&body), None).await.unwrap();
    let day = date(2023, 11, 15);
    assert_eq!(world.usage.counted(world.tenant.id, day, day).await.unwrap(), [(day, 1)]);
}
