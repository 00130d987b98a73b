//! How rows become sends.

use super::super::RanBulk;
use super::campaign::{Campaign, body};
use crate::bulk::{BulkFailure, BulkState, BulkWaiting, WINDOW};
use crate::ports::Clock;
use crate::send::Status;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn every_row_is_sent_once_and_few_wait_at_a_time() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(450).await;
    assert!(campaign.world.sends.all().is_empty(), "nothing is made while a client waits");
    let ran = campaign.run_dry(17).await;
    assert_eq!(ran.last(), Some(&RanBulk::Done));
    campaign.all_made(id, 450);
    assert_eq!(campaign.count(Status::Sent), 450);
    assert_eq!(campaign.world.usage.total(campaign.tenant().id), 450);
    let bulk = campaign.bulk(id);
    assert_eq!((bulk.state, bulk.made, bulk.settled), (BulkState::Done, 450, 450));
    assert_eq!((bulk.busy_until, bulk.ended_at.is_some()), (None, true));
    assert!(campaign.world.objects.keys().is_empty(), "what was said to whom is not kept");
    assert_eq!(campaign.messages(), 0);
}

#[tokio::test]
async fn rows_keep_their_order() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(60).await;
    campaign.turn().await;
    let signalled: Vec<_> =
        campaign.world.queue.pushed().into_iter().map(|pushed| pushed.accepted.send_id).collect();
    assert_eq!(signalled, campaign.bulk(id).sends(0..60));
}

#[tokio::test]
async fn a_number_that_does_not_send_is_asked_less_and_less_often() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(300).await;
    for _ in 0..12 {
        assert_eq!(campaign.turn().await, Some(Ok(RanBulk::GoesOn(WINDOW))));
    }
    let before = campaign.world.clock.now();
    campaign.turn().await;
    assert_eq!(campaign.world.clock.now().duration_since(before), SignedDuration::from_secs(60));
    assert_eq!(campaign.pending().len(), WINDOW as usize);
    campaign.run_dry(50).await;
    campaign.all_made(id, 300);
}

#[tokio::test]
async fn no_more_wait_than_their_number_sends_in_some_seconds() {
    let campaign = Campaign::of_plan("premium").await;
    let id = campaign.start_of(300).await;
    let mut most = 0;
    // One each 1.2 seconds.
    for _ in 0..400 {
        let before = campaign.world.clock.now();
        if campaign.turn().await.is_none() {
            break;
        }
        let passed = campaign.world.clock.now().duration_since(before).as_millis();
        assert!(campaign.bulk(id).made < 20 || passed <= 11_000, "{passed}");
        let waited = campaign.pending().len();
        let leave = usize::try_from(passed / 1_200).unwrap();
        assert!(
            leave <= waited || campaign.bulk(id).made == 300,
            "it has nothing to send: {leave}, {waited}"
        );
        campaign.leave(leave).await;
        most = most.max(waited);
    }
    campaign.all_made(id, 300);
    assert_eq!(campaign.bulk(id).state, BulkState::Done);
    assert!((10..=17).contains(&most), "{most}");
}

/// They may wait for something that others do not need, such as another day to begin chats on.
#[tokio::test]
async fn where_nothing_leaves_others_come_behind() {
    let campaign = Campaign::of_plan("premium").await;
    campaign.start_of(300).await;
    for _ in 0..12 {
        campaign.turn().await;
    }
    assert!(campaign.pending().len() > 80, "{}", campaign.pending().len());
}

#[tokio::test]
async fn one_that_waits_long_holds_up_no_others() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(250).await;
    campaign.turn().await;
    let stuck = campaign.bulk(id).sends(0..1)[0];
    for _ in 0..60 {
        for send in campaign.pending().into_iter().filter(|send| send.id != stuck).take(20) {
            let at = campaign.world.clock.now();
            crate::ports::Sends::apply(&*campaign.world.sends, send.id, &crate::send::Step::Read, at)
                .await
                .unwrap();
        }
        campaign.turn().await;
    }
    let bulk = campaign.bulk(id);
    assert_eq!((bulk.state, bulk.made, bulk.settled), (BulkState::Running, 250, 0));
    campaign.run_dry(1).await;
    assert_eq!(campaign.bulk(id).state, BulkState::Done);
}

#[tokio::test]
async fn nothing_is_made_before_its_time() {
    let campaign = Campaign::new().await;
    let mut later = body(3);
    later["send_at"] = json!("2023-11-15T08:00:00-03:00");
    let bulk = campaign.start(&later, "a").await.unwrap().bulk;
    let mut turns = 0;
    while campaign.world.sends.all().is_empty() {
        assert_eq!(campaign.bulk(bulk.id).state, BulkState::Queued);
        campaign.turn().await.unwrap().unwrap();
        turns += 1;
    }
    let late = campaign.world.clock.now().duration_since(bulk.begins_at());
    assert!(!late.is_negative() && late < SignedDuration::from_secs(5), "{late}");
    assert!(turns > 45, "SQS keeps a message for 15 minutes at most");
    campaign.run_dry(9).await;
    campaign.all_made(bulk.id, 3);
}

#[tokio::test]
async fn a_day_that_is_full_is_waited_out() {
    let campaign = Campaign::of_plan("trio").await;
    let id = campaign.start_of(5).await;
    while campaign.world.sends.all().len() < 3 {
        campaign.turn().await;
    }
    campaign.leave(9).await;
    campaign.turn().await;
    let bulk = campaign.bulk(id);
    assert_eq!((bulk.state, bulk.waiting, bulk.made), (BulkState::Running, Some(BulkWaiting::DailyLimit), 3));
    // It is 19:13 in São Paulo.
    let evening = campaign.world.clock.now();
    campaign.run_dry(9).await;
    campaign.all_made(id, 5);
    let night = campaign.world.sends.all()[3].queued_at.duration_since(evening).as_secs();
    assert!((4 * 3_600..6 * 3_600).contains(&night), "{night}");
    assert_eq!(campaign.bulk(id).waiting, None);
}

#[tokio::test]
async fn a_number_that_was_removed_ends_it() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(250).await;
    campaign.turn().await;
    campaign.world.remove_worker().await;
    // For some seconds it may still be believed to be there.
    campaign.advance(Duration::from_secs(6));
    let ran = campaign.run_dry(100).await;
    assert_eq!(ran.last(), Some(&RanBulk::Failed(BulkFailure::NotAWorker)));
    assert_eq!(campaign.world.sends.all().len(), WINDOW as usize);
    assert!(campaign.world.objects.keys().is_empty());
    let (bulk, counts) = campaign.show.progress(campaign.tenant().id, id).await.unwrap();
    assert_eq!(bulk.state, BulkState::Failed(BulkFailure::NotAWorker));
    assert_eq!(serde_json::to_value(counts).unwrap()["falha"], 150);
}

#[tokio::test]
async fn a_plan_that_no_longer_permits_texts_ends_it() {
    let mut campaign = Campaign::new().await;
    let id = campaign.start_of(3).await;
    campaign.world.tenant.plan = crate::plan::PlanName::from_stored("mudo".into());
    let change =
        crate::ports::AccountChange { plan: Some(campaign.world.tenant.plan.clone()), ..Default::default() };
    crate::ports::Accounts::change(&*campaign.world.accounts, campaign.world.tenant.id, &change)
        .await
        .unwrap();
    campaign.run_dry(9).await;
    assert_eq!(campaign.bulk(id).state, BulkState::Failed(BulkFailure::PlanForbids));
    assert!(campaign.world.sends.all().is_empty());
}

#[tokio::test]
async fn what_is_not_made_in_time_is_given_up() {
    let campaign = Campaign::new().await;
    let mut short = body(250);
    short["expires_at"] = json!("2023-11-14T23:13:20Z");
    let id = campaign.start(&short, "a").await.unwrap().bulk.id;
    // The number never sends.
    let ran = campaign.run_dry(0).await;
    assert_eq!(ran.last(), Some(&RanBulk::Failed(BulkFailure::Expired)));
    assert_eq!(campaign.bulk(id).made, WINDOW);
    for send in campaign.pending() {
        assert_eq!(send.expires_at.to_string(), "2023-11-14T23:13:20Z");
    }
}

#[tokio::test]
async fn an_operation_without_its_rows_fails_and_says_so() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(3).await;
    let object = campaign.bulk(id).object();
    crate::ports::Objects::delete(&*campaign.world.objects, &object).await.unwrap();
    campaign.run_dry(9).await;
    assert_eq!(campaign.bulk(id).state, BulkState::Failed(BulkFailure::Lost));
}

#[tokio::test]
async fn progress_and_rows_tell_what_became_of_each() {
    let campaign = Campaign::new().await;
    let (user, id) = (campaign.tenant().id, campaign.start_of(250).await);
    campaign.turn().await;
    campaign.leave(30).await;
    let (bulk, counts) = campaign.show.progress(user, id).await.unwrap();
    let counts = serde_json::to_value(counts).unwrap();
    assert_eq!(
        (bulk.made, counts["enviado"].as_u64(), counts["na fila"].as_u64()),
        (100, Some(30), Some(70))
    );
    assert_eq!((counts["pendente"].as_u64(), counts["lido"].as_u64()), (Some(150), Some(0)));
    campaign.leave(30).await;
    let (_, soon) = campaign.show.progress(user, id).await.unwrap();
    assert_eq!(serde_json::to_value(soon).unwrap(), counts, "they are not counted again at once");
    campaign.advance(Duration::from_secs(5));
    let (_, later) = campaign.show.progress(user, id).await.unwrap();
    assert_eq!(serde_json::to_value(later).unwrap()["enviado"], 60);

    let (mut next, mut seen) = (Some(0), Vec::new());
    while let Some(first) = next {
        let page =
            campaign.show.rows(user, id, first, 70, &TimeZone::UTC).await.unwrap_or_else(|e| panic!("{e}"));
        seen.extend(page.rows.iter().map(|row| serde_json::to_value(row).unwrap()));
        next = page.next;
    }
    assert_eq!(seen.len(), 250);
    for (index, row) in seen.iter().enumerate() {
        assert_eq!(row["index"], index);
        let status = ["enviado", "na fila", "pendente"][usize::from(index >= 60) + usize::from(index >= 100)];
        assert_eq!(row["status"], status, "{index}");
    }
    assert_eq!(seen[0]["message"], "Olá, Nome 0!");
    let beyond =
        campaign.show.rows(user, id, 9_999, 70, &TimeZone::UTC).await.unwrap_or_else(|e| panic!("{e}"));
    assert!(beyond.rows.is_empty() && beyond.next.is_none());
}

#[tokio::test]
async fn a_turn_that_was_lost_is_said_again_when_somebody_looks() {
    let campaign = Campaign::new().await;
    let id = campaign.start_of(3).await;
    campaign.queue.take();
    campaign.show.progress(campaign.tenant().id, id).await.unwrap();
    assert_eq!(campaign.messages(), 0, "it may be on its way");
    campaign.advance(Duration::from_secs(301));
    campaign.show.progress(campaign.tenant().id, id).await.unwrap();
    campaign.run_dry(9).await;
    campaign.all_made(id, 3);
}
