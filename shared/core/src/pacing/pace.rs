//! The pace that a plan sets.

use super::{NewChats, QuietHours};
use crate::rate::Rate;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How fast the numbers of a plan send. As JSON, each field with a default:
/// `{"per_minute": 60, "burst": 5, "jitter_ms": 400, "typing": false, "new_chats": …, "quiet_hours": …}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct Pace {
    pub(super) per_minute: u32,
    pub(super) burst: u32,
    pub(super) jitter_ms: u32,
    pub(super) typing: bool,
    pub(super) new_chats: Option<NewChats>,
    pub(super) quiet_hours: Option<QuietHours>,
}

/// A pace as a configuration states it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Stated {
    /// How many messages a minute go out for ever.
    per_minute: u32,
    /// How many go out at once after a rest.
    burst: u32,
    /// Up to how many milliseconds, drawn for each message, it waits beyond that.
    jitter_ms: u32,
    /// Whether the recipient is shown that somebody types before a text comes.
    typing: bool,
    /// How many chats a day may be begun; no limit when absent.
    new_chats: Option<NewChats>,
    /// When nothing is sent; always something when absent.
    quiet_hours: Option<QuietHours>,
}

/// What was stated is no pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("per_minute is 1 to 600000, burst 1 to 100000 and jitter_ms 0 to 10000")]
pub struct InvalidPace;

impl Default for Stated {
    fn default() -> Self {
        Pace::default().into()
    }
}

impl Default for Pace {
    /// One message a second, five at once after a rest.
    fn default() -> Self {
        Self { per_minute: 60, burst: 5, jitter_ms: 400, typing: false, new_chats: None, quiet_hours: None }
    }
}

impl From<Pace> for Stated {
    fn from(pace: Pace) -> Self {
        Self {
            per_minute: pace.per_minute,
            burst: pace.burst,
            jitter_ms: pace.jitter_ms,
            typing: pace.typing,
            new_chats: pace.new_chats,
            quiet_hours: pace.quiet_hours,
        }
    }
}

impl TryFrom<Stated> for Pace {
    type Error = InvalidPace;

    fn try_from(stated: Stated) -> Result<Self, InvalidPace> {
        let Stated { per_minute, burst, jitter_ms, typing, new_chats, quiet_hours } = stated;
        check(per_minute, burst, jitter_ms)?;
        Ok(Self { per_minute, burst, jitter_ms, typing, new_chats, quiet_hours })
    }
}

/// Whether these are such as a pace may have.
pub(super) fn check(per_minute: u32, burst: u32, jitter_ms: u32) -> Result<(), InvalidPace> {
    let fine = (1..=600_000).contains(&per_minute) && (1..=100_000).contains(&burst) && jitter_ms <= 10_000;
    if fine { Ok(()) } else { Err(InvalidPace) }
}

impl Pace {
    /// A pace that nobody notices, for tests and trials.
    pub const UNNOTICED: Self = Self {
        per_minute: 600_000,
        burst: 100_000,
        jitter_ms: 0,
        typing: false,
        new_chats: None,
        quiet_hours: None,
    };

    /// The same as a rate.
    pub(super) fn rate(per_minute: u32, burst: u32) -> Rate {
        Rate::every(SignedDuration::from_micros(60_000_000 / i64::from(per_minute.max(1))), burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Pace, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(read("{}").unwrap(), Pace::default());
        let slow = read(r#"{"per_minute":6,"quiet_hours":{"from":"20:00","to":"08:00"}}"#).unwrap();
        assert_eq!((slow.per_minute, slow.burst, slow.typing), (6, 5, false));
        assert!(slow.quiet_hours.is_some() && slow.new_chats.is_none());
        assert_eq!(read(&serde_json::to_string(&slow).unwrap()).unwrap(), slow);
    }

    #[test]
    fn a_pace_that_is_none_is_refused() {
        for json in [
            r#"{"per_minute":0}"#,
            r#"{"per_minute":600001}"#,
            r#"{"burst":0}"#,
            r#"{"jitter_ms":10001}"#,
            r#"{"per_second":1}"#,
            r#"{"new_chats":{"per_day":0}}"#,
            r#"{"quiet_hours":{"from":"08:00","to":"08:00"}}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
