//! How often somebody may come: rates, by the generic cell rate algorithm (GCRA, ITU-T I.371), which needs one number for each
//! caller: the theoretical arrival time of its next request.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::fmt;
use std::num::NonZeroU32;

/// How often a caller may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many requests a minute it may make for ever.
    pub per_minute: NonZeroU32,
    /// How many it may make at once after a rest; what `RateLimit-Limit` shows.
    pub burst: NonZeroU32,
}

/// Who is counted, and at what: the parts never hold `#`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RateKey(String);

impl RateKey {
    /// The key of a caller within a group of routes (or another thing that is limited by itself). `caller` must not be a
    /// secret.
    pub fn new(group: &str, caller: impl fmt::Display) -> Self {
        Self(format!("{group}#{caller}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of a request that asked to be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is let through.
    pub admitted: bool,
    /// How many more would be, right now.
    pub remaining: u32,
    /// When the caller has its whole burst again.
    pub reset: SignedDuration,
    /// After what time the next request is let through; zero when `remaining` is not.
    pub retry_after: SignedDuration,
}

/// The theoretical arrival time of a caller's next request, which is all that is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival(pub Timestamp);

impl Rate {
    /// The time between two requests at the steady rate.
    pub fn interval(self) -> SignedDuration {
        SignedDuration::from_micros(60_000_000 / i64::from(self.per_minute.get()))
    }

    /// How far the arrival time may be ahead of a request that is still let through.
    fn tolerance(self) -> SignedDuration {
        self.interval() * (self.burst.get() as i32 - 1)
    }

    /// Looks at one request at `now` of a caller whose arrival time is `kept`: what becomes of it, and the arrival time to
    /// keep, if it is let through.
    pub fn look(self, kept: Option<Arrival>, now: Timestamp) -> (Decision, Option<Arrival>) {
        let start = kept.map_or(now, |Arrival(at)| at.max(now));
        let ahead = start.duration_since(now);
        if ahead > self.tolerance() {
            return (self.decide(false, ahead), None);
        }
        let next = start + self.interval();
        (self.decide(true, next.duration_since(now)), Some(Arrival(next)))
    }

    /// `ahead` is how far the arrival time is ahead of now, after the request.
    fn decide(self, admitted: bool, ahead: SignedDuration) -> Decision {
        let spare = (self.tolerance() - ahead).as_micros();
        let interval = self.interval().as_micros();
        let remaining = if spare < 0 { 0 } else { (spare / interval + 1) as u32 };
        let retry_after =
            if spare < 0 { SignedDuration::from_micros((-spare) as i64) } else { SignedDuration::ZERO };
        Decision { admitted, remaining, reset: ahead, retry_after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(per_minute: u32, burst: u32) -> Rate {
        Rate { per_minute: NonZeroU32::new(per_minute).unwrap(), burst: NonZeroU32::new(burst).unwrap() }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_burst_then_the_steady_rate() {
        let rate = rate(60, 3);
        let mut kept = None;
        for remaining in [2, 1, 0] {
            let (decision, next) = rate.look(kept, at(0));
            assert_eq!((decision.admitted, decision.remaining), (true, remaining));
            kept = next;
        }
        let (decision, next) = rate.look(kept, at(0));
        assert_eq!((decision.admitted, decision.remaining, next), (false, 0, None));
        assert_eq!(decision.retry_after, SignedDuration::from_secs(1));
        assert_eq!(decision.reset, SignedDuration::from_secs(3));
        assert!(!rate.look(kept, at(999)).0.admitted);
        assert!(rate.look(kept, at(1_000)).0.admitted);
    }

    #[test]
    fn a_rest_gives_no_more_than_the_burst() {
        let rate = rate(60, 3);
        let (_, kept) = rate.look(None, at(0));
        let (decision, _) = rate.look(kept, at(3_600_000));
        assert_eq!((decision.remaining, decision.reset), (2, SignedDuration::from_secs(1)));
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate(per_minute in 1u32..6_000, burst in 1u32..50, gaps in proptest::collection::vec(0i64..5_000, 1..200)) {
            let rate = rate(per_minute, burst);
            let (mut kept, mut now, mut admitted) = (None, 0, 0u128);
            for gap in gaps {
                now += gap;
                let (decision, next) = rate.look(kept, at(now));
                if decision.admitted { admitted += 1; kept = next; }
                let earned = (now as i128 * 1_000) / rate.interval().as_micros();
                prop_assert!(admitted <= u128::from(burst) + earned as u128);
                if !decision.admitted {
                    let (later, _) = rate.look(kept, at(now) + decision.retry_after);
                    prop_assert!(later.admitted, "the time to come again is the true one");
                }
            }
        }
    }
}
