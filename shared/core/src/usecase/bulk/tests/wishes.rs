//! Pausing, resuming, cancelling.

use super::super::RanBulk;
use super::campaign::{Campaign, body};
use crate::bulk::{BulkState, BulkWish, WINDOW};
use crate::error::Code;
use crate::send::Status;

#[tokio::test]
async fn a_paused_operation_makes_nothing_more_until_it_is_resumed() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(250).await;
    campaign.turn().await;
    assert_eq!(campaign.wish(id, BulkWish::Pause).await.unwrap().state, BulkState::Paused);
    let ran = campaign.run_dry(100).await;
    assert_eq!(ran.last(), Some(&RanBulk::Paused));
    assert_eq!((campaign.world.sends.all().len(), campaign.messages()), (WINDOW as usize, 0));
    campaign.wish(id, BulkWish::Resume).await.unwrap();
    campaign.wish(id, BulkWish::Resume).await.unwrap();
    campaign.run_dry(50).await;
    campaign.all_made(id, 250);
    assert_eq!(campaign.messages(), 0, "two turns never become two chains of them");
}

#[tokio::test]
async fn a_cancelled_operation_takes_back_what_waits_and_sends_nothing_more() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(250).await;
    campaign.turn().await;
    campaign.leave(30).await;
    campaign.wish(id, BulkWish::Cancel).await.unwrap();
    let ran = campaign.run_dry(9).await;
    assert!(ran.contains(&RanBulk::Cancelled(70)), "{ran:?}");
    assert_eq!((campaign.count(Status::Sent), campaign.count(Status::Cancelled)), (30, 70));
    assert_eq!(campaign.world.sends.all().len(), 100);
    let (bulk, counts) = campaign.show.progress(campaign.tenant().id, id).await.unwrap();
    assert_eq!(bulk.state, BulkState::Cancelled);
    assert_eq!(serde_json::to_value(counts).unwrap()["cancelado"], 220);
    assert!(campaign.world.objects.keys().is_empty());
    for (wish, answer) in [
        (BulkWish::Pause, Err(Code::BulkIsOver)),
        (BulkWish::Resume, Err(Code::BulkIsOver)),
        (BulkWish::Cancel, Ok(BulkState::Cancelled)),
    ] {
        let got = campaign.wish(id, wish).await.map(|bulk| bulk.state).map_err(|problem| problem.code());
        assert_eq!(got, answer, "{wish:?}");
    }
}

#[tokio::test]
async fn what_is_cancelled_or_paused_before_it_began_sends_nothing() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(3).await;
    campaign.wish(id, BulkWish::Cancel).await.unwrap();
    campaign.run_dry(9).await;
    assert_eq!(campaign.bulk(id).state, BulkState::Cancelled);
    let paused = campaign.start(&body(3), "b").await.unwrap().bulk.id;
    campaign.wish(paused, BulkWish::Pause).await.unwrap();
    campaign.run_dry(9).await;
    assert!(campaign.world.sends.all().is_empty());
    campaign.wish(paused, BulkWish::Cancel).await.unwrap();
    campaign.run_dry(9).await;
    assert_eq!(campaign.bulk(paused).state, BulkState::Cancelled);
    assert!(campaign.world.sends.all().is_empty());
}

#[tokio::test]
async fn what_is_done_cannot_be_taken_back() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(3).await;
    campaign.run_dry(9).await;
    let refused = campaign.wish(id, BulkWish::Cancel).await.unwrap_err();
    assert_eq!(refused.code(), Code::BulkIsOver);
    assert!(refused.description().contains("pronto"));
}
