//! Whatever fails or dies wherever: each row is a send once, or none.

use super::campaign::Campaign;
use crate::bulk::{BulkState, BulkWish};
use crate::send::Status;
use crate::testing::Trouble;
use proptest::prelude::*;

/// What an operation of 25 rows calls without any trouble, and how often: some more than that.
const CALLS: usize = 110;

#[tokio::test]
async fn a_failure_or_a_crash_at_any_call_loses_no_row_and_doubles_none() {
    for call in 0..CALLS {
        for trouble in Trouble::ALL {
            let campaign = Campaign::new().await;
            let id = campaign.start_of(25).await;
            let begun = campaign.troubles.calls();
            campaign.troubles.plan(begun + call, trouble);
            campaign.run_dry(9).await;
            assert_eq!(campaign.bulk(id).state, BulkState::Done, "{call} {trouble:?}");
            campaign.all_made(id, 25);
            assert_eq!(campaign.count(Status::Sent), 25);
            assert_eq!(campaign.messages(), 0);
        }
    }
}

#[tokio::test]
async fn a_failure_or_a_crash_while_it_is_cancelled_lets_nothing_more_out() {
    for call in 0..40 {
        for trouble in Trouble::ALL {
            let campaign = Campaign::new().await;
            let id = campaign.start_of(45).await;
            // The run before it dies in the middle of a slice: what it made is not said to be made.
            let begun = campaign.troubles.calls();
            campaign.troubles.plan(begun + 30, Trouble::DiesBefore);
            campaign.turn().await.unwrap().unwrap_err();
            assert!(!campaign.pending().is_empty() && campaign.bulk(id).made == 0);
            campaign.wish(id, BulkWish::Cancel).await.unwrap();
            let begun = campaign.troubles.calls();
            campaign.troubles.plan(begun + call, trouble);
            campaign.run_dry(0).await;
            assert_eq!(campaign.bulk(id).state, BulkState::Cancelled, "{call} {trouble:?}");
            assert!(campaign.pending().is_empty(), "{call} {trouble:?}");
        }
    }
}

#[derive(Debug, Clone)]
enum Event {
    Turn,
    Leave(usize),
    Wish(BulkWish),
    Trouble(usize, Trouble),
}

fn event() -> impl Strategy<Value = Event> {
    let wishes = vec![BulkWish::Pause, BulkWish::Resume, BulkWish::Resume, BulkWish::Cancel];
    prop_oneof![
        6 => Just(Event::Turn),
        3 => (0usize..60).prop_map(Event::Leave),
        1 => prop::sample::select(wishes).prop_map(Event::Wish),
        2 => (0usize..200, prop::sample::select(Trouble::ALL.to_vec())).prop_map(|(call, trouble)| Event::Trouble(call, trouble)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_happens_in_whatever_order(count in 1usize..300, events in prop::collection::vec(event(), 0..60)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let campaign = Campaign::new().await;
            let id = campaign.start_of(count).await;
            let mut cancelled = false;
            for event in events {
                match event {
                    Event::Turn => drop(campaign.turn().await),
                    Event::Leave(count) => campaign.leave(count).await,
                    Event::Wish(wish) => {
                        let granted = campaign.wish(id, wish).await.is_ok();
                        campaign.troubles.revive();
                        cancelled |= granted && wish == BulkWish::Cancel;
                    }
                    Event::Trouble(call, trouble) => campaign.troubles.plan(campaign.troubles.calls() + call, trouble),
                }
            }
            campaign.troubles.clear();
            // Whoever wished for something in vain says it again.
            if campaign.wish(id, BulkWish::Resume).await.is_err() && !campaign.bulk(id).state.is_over() {
                campaign.wish(id, BulkWish::Cancel).await.unwrap();
            }
            campaign.run_dry(31).await;
            let bulk = campaign.bulk(id);
            assert!(bulk.state.is_over() && campaign.pending().is_empty(), "{bulk:?}");
            assert!(!cancelled || bulk.state == BulkState::Cancelled, "{bulk:?}");
            if bulk.state == BulkState::Done {
                campaign.all_made(id, count);
            }
            // No send but of a row, and none twice: the ids are the rows' own.
            let rows: std::collections::HashSet<_> = bulk.sends(0..bulk.total).into_iter().collect();
            assert!(campaign.world.sends.all().iter().all(|send| rows.contains(&send.id)));
        });
    }
}
