//! When a send is to go out, and until when it may.

use super::LIFETIME;
use jiff::{SignedDuration, Timestamp};

/// How far ahead a send may be scheduled.
pub const HORIZON: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long after it was accepted, or after the time that it is scheduled for, a send may expire at the latest.
pub const LONGEST_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far in the past a `send_at` may be and still mean "now": what clocks differ by, and what a request takes.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Schedule {
    /// When to send it, if not at once.
    pub send_at: Option<Timestamp>,
    /// After when not to send it any more, if not after the usual [`LIFETIME`].
    pub expires_at: Option<Timestamp>,
}

/// What a [`Schedule`] comes to for a send that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it is to be sent, where that is later than when it was accepted.
    pub send_at: Option<Timestamp>,
    /// After when it must not be sent any more.
    pub expires_at: Timestamp,
}

/// Why a [`Schedule`] is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// `send_at` is minutes ago.
    #[error("send_at is in the past")]
    Past,
    /// `send_at` is more than [`HORIZON`] ahead.
    #[error("send_at is more than 90 days ahead")]
    TooFar,
    /// `expires_at` is not after the time to send.
    #[error("expires_at is not after the time to send")]
    EndsBeforeItBegins,
    /// `expires_at` is more than [`LONGEST_LIFETIME`] after the time to send.
    #[error("expires_at is more than 7 days after the time to send")]
    TooLong,
}

impl Schedule {
    /// The times of a send that is accepted at `now`, to the microsecond.
    ///
    /// # Errors
    /// [`InvalidSchedule`].
    pub fn times(self, now: Timestamp) -> Result<Times, InvalidSchedule> {
        let (asked, end) = (self.send_at.map(in_micros), self.expires_at.map(in_micros));
        if asked.is_some_and(|at| now.duration_since(at) > LATE) {
            return Err(InvalidSchedule::Past);
        }
        let send_at = asked.filter(|at| *at > now);
        let begins = send_at.unwrap_or(now);
        if begins.duration_since(now) > HORIZON {
            return Err(InvalidSchedule::TooFar);
        }
        let expires_at = end.unwrap_or(begins + LIFETIME);
        if expires_at <= begins {
            return Err(InvalidSchedule::EndsBeforeItBegins);
        }
        if expires_at.duration_since(begins) > LONGEST_LIFETIME {
            return Err(InvalidSchedule::TooLong);
        }
        Ok(Times { send_at, expires_at })
    }
}

/// A time without what is smaller than a microsecond.
pub(crate) fn in_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn times(send_at: Option<i64>, expires_at: Option<i64>) -> Result<Times, InvalidSchedule> {
        Schedule { send_at: send_at.map(at), expires_at: expires_at.map(at) }.times(at(0))
    }

    const DAY: i64 = 86_400;

    #[test]
    fn what_is_not_said_is_now_and_a_day() {
        assert_eq!(times(None, None), Ok(Times { send_at: None, expires_at: at(DAY) }));
        assert_eq!(times(Some(60), None), Ok(Times { send_at: Some(at(60)), expires_at: at(DAY + 60) }));
        assert_eq!(times(None, Some(1)), Ok(Times { send_at: None, expires_at: at(1) }));
    }

    #[test]
    fn a_time_that_has_just_passed_is_now() {
        for just in [0, -1, -300] {
            assert_eq!(times(Some(just), None), Ok(Times { send_at: None, expires_at: at(DAY) }), "{just}");
        }
        assert_eq!(times(Some(-301), None), Err(InvalidSchedule::Past));
    }

    #[test]
    fn bounds_are_kept_to_the_second() {
        assert!(times(Some(90 * DAY), Some(97 * DAY)).is_ok());
        assert_eq!(times(Some(90 * DAY + 1), None), Err(InvalidSchedule::TooFar));
        assert_eq!(times(Some(60), Some(7 * DAY + 61)), Err(InvalidSchedule::TooLong));
        assert_eq!(times(None, Some(7 * DAY + 1)), Err(InvalidSchedule::TooLong));
        assert_eq!(times(None, Some(0)), Err(InvalidSchedule::EndsBeforeItBegins));
        assert_eq!(times(Some(60), Some(60)), Err(InvalidSchedule::EndsBeforeItBegins));
    }

    proptest! {
        #[test]
        fn a_send_always_has_time_between_its_begin_and_its_end(
            send_at in prop::option::of(any::<i32>()), expires_at in prop::option::of(any::<i32>()),
        ) {
            if let Ok(found) = times(send_at.map(i64::from), expires_at.map(i64::from)) {
                let begins = found.send_at.unwrap_or(at(0));
                prop_assert!(begins >= at(0) && found.expires_at > begins);
                prop_assert!(found.expires_at.duration_since(begins) <= LONGEST_LIFETIME);
            }
        }

        #[test]
        fn no_time_at_all_breaks_it(send_at: i64, expires_at: i64) {
            let any = |micros| Timestamp::from_microsecond(micros).ok();
            let _ = Schedule { send_at: any(send_at), expires_at: any(expires_at) }.times(at(0));
        }
    }
}
