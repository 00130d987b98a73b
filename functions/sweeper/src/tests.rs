//! Runs of the schedule, over ports in memory. The rules of a sweep are tested where they are, in the core.

use crate::handler::handle;
use carteiro_core::testing::{ManualClock, MemorySendQueue, MemorySends};
use carteiro_core::usecase::Sweep;
use serde::de::IgnoredAny;
use std::sync::Arc;

#[tokio::test]
async fn a_run_tells_of_an_outage_and_of_nothing_else() {
    let (sends, queue, clock): (Arc<MemorySends>, Arc<MemorySendQueue>, Arc<ManualClock>) =
        Default::default();
    let sweep = Sweep::new(sends.clone(), queue, clock.clone());
    handle(&sweep, &*clock).await.unwrap();
    sends.switch.fail();
    assert!(handle(&sweep, &*clock).await.is_err());
}

#[test]
fn any_event_will_do() {
    for event in [include_str!("../../../events/sweeper.json"), "{}"] {
        assert!(serde_json::from_str::<IgnoredAny>(event).is_ok());
    }
}
