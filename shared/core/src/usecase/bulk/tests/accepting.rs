//! What is accepted, under which key, and who may see it.

use super::campaign::{Campaign, body, request};
use crate::bulk::{BulkState, BulkWish};
use crate::error::Code;
use crate::ids::BulkId;
use crate::testing::Trouble;
use crate::usecase::fixture::{key, tenant};
use jiff::tz::TimeZone;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn the_same_again_is_the_same_operation_and_another_under_its_key_is_refused() {
    let campaign = Campaign::new().await;
    let first = campaign.start(&body(3), "a").await.unwrap();
    assert!(!first.replayed);
    let again = campaign.start(&body(3), "a").await.unwrap();
    assert!(again.replayed && again.bulk == first.bulk);
    assert_eq!(campaign.start(&body(4), "a").await.unwrap_err().code(), Code::IdempotencyMismatch);
    assert_eq!(campaign.bulks.all().len(), 1);
    assert_eq!(campaign.world.objects.keys().len(), 1);
    campaign.run_dry(9).await;
    campaign.all_made(first.bulk.id, 3);
    assert!(campaign.start(&body(3), "a").await.unwrap().replayed, "also when it is over");
    assert_eq!(campaign.messages(), 0);
}

#[tokio::test]
async fn a_key_names_another_operation_after_a_day_and_every_key_its_own() {
    let campaign = Campaign::new().await;
    let first = campaign.start(&body(1), "a").await.unwrap().bulk.id;
    assert_ne!(campaign.start(&body(1), "b").await.unwrap().bulk.id, first);
    campaign.advance(DAY - Duration::from_secs(1));
    assert_eq!(campaign.start(&body(1), "a").await.unwrap().bulk.id, first);
    campaign.advance(Duration::from_secs(1));
    let second = campaign.start(&body(2), "a").await.unwrap();
    assert!(!second.replayed && second.bulk.id != first);
    assert_eq!(campaign.start(&body(2), "a").await.unwrap().bulk.id, second.bulk.id);
}

#[tokio::test]
async fn whatever_fails_while_it_is_accepted_the_same_again_sends_to_all_once() {
    // The key is looked up, the rows and the operation are stored, the first turn is pushed.
    for call in 0..4 {
        for trouble in Trouble::ALL {
            let campaign = Campaign::new().await;
            campaign.troubles.plan(call, trouble);
            assert!(campaign.start(&body(3), "a").await.is_err(), "{call} {trouble:?}");
            campaign.troubles.revive();
            let bulk = campaign.start(&body(3), "a").await.unwrap().bulk;
            campaign.run_dry(9).await;
            assert_eq!(campaign.bulk(bulk.id).state, BulkState::Done);
            campaign.all_made(bulk.id, 3);
        }
    }
}

#[tokio::test]
async fn who_may_not_send_starts_nothing() {
    let campaign = Campaign::new().await;
    let mut other = body(1);
    other["from_number"] = json!("5511900000000");
    assert_eq!(campaign.start(&other, "a").await.unwrap_err().code(), Code::NotYourWorker);
    let mut late = body(1);
    late["expires_at"] = json!("2023-11-14T22:13:19Z");
    assert_eq!(campaign.start(&late, "a").await.unwrap_err().code(), Code::InvalidExpiresAt);
    let mute = Campaign::of_plan("mudo").await;
    assert_eq!(mute.start(&body(1), "a").await.unwrap_err().code(), Code::PlanForbidsMedia);
    assert!(campaign.bulks.all().is_empty() && mute.bulks.all().is_empty());
    assert!(campaign.world.objects.keys().is_empty());
}

#[tokio::test]
async fn another_tenants_operation_is_as_good_as_none() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(3).await;
    let (stranger, unknown) = (tenant(9, "premium").id, BulkId::from_random([9; 16]));
    for (user, id) in [(stranger, id), (campaign.tenant().id, unknown)] {
        let missing = |problem: crate::error::Problem| assert_eq!(problem.code(), Code::BulkNotFound);
        missing(campaign.show.progress(user, id).await.unwrap_err());
        missing(campaign.show.rows(user, id, 0, 9, &TimeZone::UTC).await.err().unwrap());
        for wish in [BulkWish::Pause, BulkWish::Resume, BulkWish::Cancel] {
            missing(campaign.change.change(user, id, wish).await.unwrap_err());
        }
    }
    assert_eq!(campaign.bulk(id).state, BulkState::Queued);
    let (stranger, key, same) = (tenant(9, "premium"), key("campanha"), request(&body(3)).unwrap());
    let theirs = campaign.accept.accept(&stranger, same, &key).await;
    assert_eq!(theirs.unwrap_err().code(), Code::NotYourWorker);
}
