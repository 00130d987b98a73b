//! When a delivery is tried again.

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// For how long a delivery is tried, from its first try (or from when it would have been tried, had those before it not
/// failed).
pub const DELIVERY_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// The longest wait between two tries that we choose by ourselves.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);
/// How often a stream that waits looks whether its receiver has taken something of another stream meanwhile.
pub const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(2);
/// The most that the first wait can be; each further one up to twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// The least wait.
const LEAST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait that a receiver can ask for.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(1);

/// The wait after the failed try of that number (from 1): exponential, with full jitter. `share` (0 to 1) is the jitter.
pub fn backoff(failures: u32, share: f64) -> SignedDuration {
    let doublings = failures.saturating_sub(1).min(20);
    let most = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    let wait = most.as_secs_f64() * share.clamp(0.0, 1.0);
    SignedDuration::try_from_secs_f64(wait).unwrap_or(most).max(LEAST_WAIT)
}

/// The wait that a `Retry-After` asks for (RFC 9110: seconds, or a date), within a second and an hour. `None` when it cannot be
/// read.
pub fn retry_after(value: &str, now: Timestamp) -> Option<SignedDuration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More seconds than a number holds is a long time too.
        value.parse::<u32>().map_or(LONGEST_ASKED, |seconds| SignedDuration::from_secs(seconds.into()))
    } else {
        DateTimeParser::new().parse_timestamp(value).ok()?.duration_since(now)
    };
    Some(wait.clamp(LEAST_WAIT, LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_double_up_to_half_an_hour() {
        let most: Vec<i64> = (1..=12).map(|n| backoff(n, 1.0).as_secs()).collect();
        assert_eq!(most, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800]);
        assert_eq!(backoff(7, 0.5).as_secs(), 160);
        assert_eq!(backoff(u32::MAX, 0.0), LEAST_WAIT);
    }

    #[test]
    fn what_a_receiver_asks_for_is_kept_to_within_bounds() {
        let now = Timestamp::from_second(1_445_412_420).unwrap();
        for (value, seconds) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(1)),
            ("86400", Some(3_600)),
            ("99999999999999999999", Some(3_600)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(1)),
            ("Fri, 31 Dec 2100 23:59:59 GMT", Some(3_600)),
            ("-5", None),
            ("", None),
            ("logo", None),
        ] {
            assert_eq!(retry_after(value, now).map(|wait| wait.as_secs()), seconds, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_wait_is_out_of_bounds(failures: u32, share: f64, value in ".{0,40}") {
            let wait = backoff(failures, share);
            prop_assert!((LEAST_WAIT..=LONGEST_WAIT).contains(&wait));
            if let Some(wait) = retry_after(&value, Timestamp::UNIX_EPOCH) {
                prop_assert!((LEAST_WAIT..=LONGEST_ASKED).contains(&wait));
            }
        }
    }
}
