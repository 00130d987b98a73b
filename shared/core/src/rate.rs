//! How often somebody may come: rates, by the generic cell rate algorithm (GCRA, ITU-T I.371), which needs one number for each
//! caller: the theoretical arrival time of its next request.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How often a caller may come. As JSON `{"per_minute": N, "burst": N}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct Rate {
    interval: SignedDuration,
    burst: u32,
}

/// A rate as a configuration states it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    /// How many requests a minute a caller may make for ever.
    per_minute: u32,
    /// How many it may make at once after a rest.
    burst: u32,
}

/// What was stated is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("per_minute must be 1 to 600000 and burst 1 to 100000")]
pub struct InvalidRate;

impl TryFrom<Stated> for Rate {
    type Error = InvalidRate;

    fn try_from(stated: Stated) -> Result<Self, InvalidRate> {
        let fine = (1..=600_000).contains(&stated.per_minute) && (1..=100_000).contains(&stated.burst);
        if !fine {
            return Err(InvalidRate);
        }
        let interval = SignedDuration::from_micros(MINUTE / i64::from(stated.per_minute));
        Ok(Self { interval, burst: stated.burst })
    }
}

impl From<Rate> for Stated {
    fn from(rate: Rate) -> Self {
        let per_minute = i128::from(MINUTE) / rate.interval.as_micros();
        Self { per_minute: u32::try_from(per_minute).unwrap_or(u32::MAX), burst: rate.burst }
    }
}

/// In microseconds.
const MINUTE: i64 = 60_000_000;

/// Who is counted, and at what.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RateKey(String);

impl RateKey {
    /// The key of a caller within a group of routes, or another thing that is limited by itself, whose name has no `#`. `caller`
    /// must not be a secret.
    pub fn new(group: &str, caller: impl fmt::Display) -> Self {
        Self(format!("{group}#{caller}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RateKey {
    /// The group alone: the caller may be an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateKey({}#…)", self.0.split('#').next().unwrap_or_default())
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
    /// One request each `interval` (a microsecond at least), and up to `burst` (one at least) at once after a rest. In any stretch
    /// of time no more than `burst` and one for each `interval` in it are let through.
    pub const fn every(interval: SignedDuration, burst: u32) -> Self {
        let least = SignedDuration::from_micros(1);
        let interval = if interval.as_micros() < 1 { least } else { interval };
        Self { interval, burst: if burst == 0 { 1 } else { burst } }
    }

    /// The time between two requests at the steady rate.
    pub fn interval(self) -> SignedDuration {
        self.interval
    }

    /// How many requests may come at once after a rest; what `RateLimit-Limit` shows.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// How far the arrival time may be ahead of a request that is still let through.
    pub fn tolerance(self) -> SignedDuration {
        let steps = i32::try_from(self.burst - 1).unwrap_or(i32::MAX);
        self.interval.saturating_mul(steps)
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
        let remaining = if spare < 0 { 0 } else { spare / self.interval.as_micros() + 1 };
        let wait = i64::try_from(-spare).unwrap_or_default().max(0);
        Decision {
            admitted,
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            reset: ahead,
            retry_after: SignedDuration::from_micros(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(per_minute: u32, burst: u32) -> Rate {
        Stated { per_minute, burst }.try_into().unwrap()
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

    #[test]
    fn rates_that_are_none_are_refused() {
        let read = |json: &str| serde_json::from_str::<Rate>(json);
        let rate = read(r#"{"per_minute":120,"burst":9}"#).unwrap();
        assert_eq!(rate, Rate::every(SignedDuration::from_millis(500), 9));
        assert_eq!(serde_json::to_string(&rate).unwrap(), r#"{"per_minute":120,"burst":9}"#);
        for json in [
            r#"{"per_minute":0,"burst":1}"#,
            r#"{"per_minute":1,"burst":0}"#,
            r#"{"per_minute":600001,"burst":1}"#,
            r#"{"per_minute":1,"burst":4294967295}"#,
            r#"{"per_minute":1}"#,
            r#"{"per_minute":1,"burst":1,"x":1}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
        let least = Rate::every(SignedDuration::ZERO, 0);
        assert_eq!((least.burst(), least.interval()), (1, SignedDuration::from_micros(1)));
    }

    #[test]
    fn a_key_does_not_show_its_caller() {
        assert_eq!(format!("{:?}", RateKey::new("sends", "ana@exemplo.com")), "RateKey(sends#…)");
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
