//! Waiting for what becomes of it.

use super::{World, sender};
use carteiro_core::ids::SendId;
use carteiro_core::number::LinkState;
use carteiro_core::phone::Phone;
use carteiro_core::send::Status;
use std::time::Duration;
use tokio::time::{Instant, sleep};

impl World {
    pub fn status(&self, id: SendId) -> Status {
        self.sends.peek(id).unwrap().status
    }

    pub fn link_state(&self, number: &Phone) -> Option<LinkState> {
        self.links.peek(number).map(|link| link.state)
    }

    /// Waits until `what` holds, a minute at most by the paused clock.
    pub async fn until(&self, what: &str, holds: impl Fn(&World) -> bool) {
        self.within(60, what, holds).await;
    }

    pub async fn within(&self, seconds: u64, what: &str, holds: impl Fn(&World) -> bool) {
        let end = Instant::now() + Duration::from_secs(seconds);
        while !holds(self) {
            assert!(Instant::now() < end, "not within {seconds} s: {what}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn until_status(&self, id: SendId, status: Status) {
        self.until(&format!("{status}"), |world| world.status(id) == status).await;
    }

    pub async fn until_state(&self, state: LinkState) {
        self.until(state.as_str(), |world| world.link_state(&sender()) == Some(state)).await;
    }
}
