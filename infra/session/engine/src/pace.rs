//! How fast the sessions of one task connect.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Between two sessions that connect, when many do.
const SPACING: Duration = Duration::from_millis(20);
/// How many may connect at once after a while of quiet.
const BURST: u32 = 20;
/// The longest that one waits for its turn: the library gives a connection 20 seconds to come about. What would wait for longer
/// is left to the library, which tries again after a pause, a longer one each time.
const MOST: Duration = Duration::from_secs(12);

/// Spreads connections in time: after a failure of the network, or of WhatsApp, all sessions lose theirs in the same moment.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When one more is due if they come one after the other.
    next: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { next: Mutex::new(Instant::now()) }
    }

    /// How long the next one waits for its turn; `None` if there are too many before it.
    pub(crate) fn turn(&self) -> Option<Duration> {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (*next).max(now);
        let wait = (place - now).saturating_sub(SPACING * (BURST - 1));
        if wait > MOST {
            return None;
        }
        *next = place + SPACING;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_hundred_come_back_within_some_seconds_and_not_in_the_same() {
        let pace = Pace::new();
        let waits: Vec<Duration> = (0..500).map(|_| pace.turn().unwrap()).collect();
        let at_once = waits.iter().filter(|wait| wait.is_zero()).count();
        assert!((20..30).contains(&at_once), "{at_once}");
        for second in 0..10 {
            let within = waits.iter().filter(|wait| wait.as_secs() == second).count();
            assert!(within <= 75, "{within} in second {second}");
        }
        assert!(waits.iter().all(|wait| *wait < Duration::from_secs(11)), "{:?}", waits.last());
    }

    #[tokio::test(start_paused = true)]
    async fn those_for_whom_there_is_no_turn_are_told_at_once() {
        let pace = Pace::new();
        let turns = (0..2_000).filter(|_| pace.turn().is_some()).count();
        assert!((500..700).contains(&turns), "{turns}");
    }
}
