//! The contract of [`Paces`](carteiro_core::ports::Paces).

use crate::ports::Ports;
use crate::samples::{phone, user_id};
use carteiro_core::lease::Epoch;
use carteiro_core::pacing::{Begun, OwnPace};
use carteiro_core::ports::CountError;
use jiff::civil::date;

crate::contract! { in memory too:
    a_number_has_no_pace_of_its_own_until_its_tenant_sets_one,
    what_is_set_takes_the_place_of_what_was,
    a_pace_is_its_tenants_alone,
    a_count_is_found_by_the_next_owner,
    an_earlier_owner_counts_no_more,
}

fn own(json: &str) -> OwnPace {
    serde_json::from_str(json).unwrap()
}

const WHOLE: &str = r#"{"per_minute":6,"burst":1,"jitter_ms":900,"typing":true,
    "new_chats":{"per_day":50,"warm_up":{"first_day":5,"days":10}},
    "quiet_hours":{"from":"21:00","to":"08:00"},"time_zone":"America/Manaus"}"#;

async fn a_number_has_no_pace_of_its_own_until_its_tenant_sets_one(ports: &Ports) {
    let ana = user_id();
    assert_eq!(ports.paces.own(&phone(1), ana).await, Ok(OwnPace::default()));
    ports.paces.set_own(&phone(1), ana, &own(WHOLE)).await.unwrap();
    assert_eq!(ports.paces.own(&phone(1), ana).await, Ok(own(WHOLE)));
    assert_eq!(ports.paces.own(&phone(2), ana).await, Ok(OwnPace::default()));
}

async fn what_is_set_takes_the_place_of_what_was(ports: &Ports) {
    let ana = user_id();
    for json in [WHOLE, r#"{"burst":2}"#, "{}"] {
        ports.paces.set_own(&phone(1), ana, &own(json)).await.unwrap();
        assert_eq!(ports.paces.own(&phone(1), ana).await, Ok(own(json)));
    }
}

async fn a_pace_is_its_tenants_alone(ports: &Ports) {
    let (ana, bia) = (user_id(), user_id());
    ports.paces.set_own(&phone(1), ana, &own(WHOLE)).await.unwrap();
    assert_eq!(ports.paces.own(&phone(1), bia).await, Ok(OwnPace::default()));
    ports.paces.set_own(&phone(1), bia, &own(r#"{"burst":2}"#)).await.unwrap();
    assert_eq!(ports.paces.own(&phone(1), ana).await, Ok(OwnPace::default()));
}

async fn a_count_is_found_by_the_next_owner(ports: &Ports) {
    assert_eq!(ports.paces.begun(&phone(1)).await, Ok(None));
    let mut begun = Begun { since: date(2026, 2, 27), day: date(2026, 3, 1), chats: 0 };
    for _ in 0..3 {
        begun = begun.with_another();
        ports.paces.count(&phone(1), Epoch::FIRST, begun).await.unwrap();
        assert_eq!(ports.paces.begun(&phone(1)).await, Ok(Some(begun)));
    }
    assert_eq!(ports.paces.begun(&phone(2)).await, Ok(None));
}

async fn an_earlier_owner_counts_no_more(ports: &Ports) {
    let begun = Begun::first(date(2026, 3, 1));
    ports.paces.count(&phone(1), Epoch::FIRST, begun).await.unwrap();
    let later = begun.with_another();
    ports.paces.count(&phone(1), Epoch::FIRST.next(), later).await.unwrap();
    assert_eq!(ports.paces.count(&phone(1), Epoch::FIRST, begun).await, Err(CountError::Fenced));
    assert_eq!(ports.paces.begun(&phone(1)).await, Ok(Some(later)));
}
