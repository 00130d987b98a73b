//! The hours in which a number sends nothing.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

/// Hours of the day, by the clock on the wall, in which nothing is sent: from the first minute up to the second, over midnight
/// where that is earlier. As JSON `{"from": "21:00", "to": "08:00"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct QuietHours {
    from: Time,
    to: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    from: String,
    to: String,
}

/// What was stated are no quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("quiet_hours: from and to are two different times of the day, such as 21:00")]
pub struct InvalidQuietHours;

/// Reads `21:00`.
fn minute(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl TryFrom<Stated> for QuietHours {
    type Error = InvalidQuietHours;

    fn try_from(stated: Stated) -> Result<Self, InvalidQuietHours> {
        let times = minute(&stated.from).zip(minute(&stated.to));
        times.filter(|(from, to)| from != to).map(|(from, to)| Self { from, to }).ok_or(InvalidQuietHours)
    }
}

impl From<QuietHours> for Stated {
    fn from(quiet: QuietHours) -> Self {
        let shown = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        Self { from: shown(quiet.from), to: shown(quiet.to) }
    }
}

impl QuietHours {
    /// Whether that is a quiet time of the day.
    fn has(self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            time >= self.from || time < self.to
        }
    }

    /// When they are over, if it is quiet at `now` in that zone: the first moment at which the clock on the wall shows an hour
    /// that is not quiet. A clock that is put forward over the end ends them; one that is put back may begin them anew.
    pub fn until(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let here = now.to_zoned(zone.clone());
        if !self.has(here.time()) {
            return None;
        }
        let mut day = here.date();
        // Two of the days that follow have the end after `now`, whatever the clock does.
        for _ in 0..3 {
            let end = zone.to_ambiguous_zoned(day.to_datetime(self.to));
            let end = match end.offset() {
                // The clock never shows it: they end as the clock jumps.
                AmbiguousOffset::Gap { .. } => {
                    let before = end.earlier().ok()?.timestamp();
                    zone.following(before).next().map(|jump| jump.timestamp())
                }
                // Shown twice, and it is after the first already.
                AmbiguousOffset::Fold { .. } => {
                    let (first, second) = (end.clone().earlier().ok()?, end.later().ok()?);
                    Some(if first.timestamp() > now { first.timestamp() } else { second.timestamp() })
                }
                AmbiguousOffset::Unambiguous { .. } => end.earlier().ok().map(|end| end.timestamp()),
            };
            if let Some(end) = end.filter(|end| *end > now) {
                // The clock may be put over the end from within, without showing it.
                let jump = zone.following(now).next().map(|jump| jump.timestamp());
                let jump = jump.filter(|jump| *jump < end && !self.has(jump.to_zoned(zone.clone()).time()));
                return Some(jump.unwrap_or(end));
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    fn quiet(from: &str, to: &str) -> QuietHours {
        Stated { from: from.into(), to: to.into() }.try_into().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn until(hours: QuietHours, at: &str, name: &str) -> Option<String> {
        hours.until(at.parse().unwrap(), &zone(name)).map(|end| end.to_string())
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        let read = |json: &str| serde_json::from_str::<QuietHours>(json);
        let json = r#"{"from":"21:30","to":"08:00"}"#;
        assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        for json in [
            r#"{"from":"21:30","to":"21:30"}"#,
            r#"{"from":"24:00","to":"08:00"}"#,
            r#"{"from":"9:00","to":"10:00"}"#,
            r#"{"from":"09:00:30","to":"10:00"}"#,
            r#"{"from":"+9:00","to":"10:00"}"#,
            r#"{"from":"09:00"}"#,
            r#"{"from":"09:00","to":"10:00","zone":"UTC"}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn they_last_over_midnight() {
        let night = quiet("21:00", "08:00");
        let sp = "America/Sao_Paulo";
        assert_eq!(until(night, "2026-11-22T23:59:59Z", sp), None, "20:59:59");
        assert_eq!(until(night, "2026-11-23T00:00:00Z", sp).unwrap(), "2026-11-23T11:00:00Z");
        assert_eq!(until(night, "2026-11-23T10:59:59Z", sp).unwrap(), "2026-11-23T11:00:00Z");
        assert_eq!(until(night, "2026-11-23T11:00:00Z", sp), None);
        let noon = quiet("12:00", "14:00");
        assert_eq!(until(noon, "2026-11-23T15:30:00Z", sp).unwrap(), "2026-11-23T17:00:00Z");
        assert_eq!(until(noon, "2026-11-23T15:30:00Z", "America/Manaus"), None, "11:30 there");
    }

    #[test]
    fn a_clock_that_is_put_forward_over_the_end_ends_them() {
        // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC.
        let night = quiet("22:00", "02:30");
        assert_eq!(until(night, "2026-03-29T00:30:00Z", "Europe/Berlin").unwrap(), "2026-03-29T01:00:00Z");
        // And over the beginning: 02:15 is never shown, so they begin as the clock jumps.
        let early = quiet("02:15", "05:00");
        assert_eq!(until(early, "2026-03-29T00:59:59Z", "Europe/Berlin"), None);
        assert_eq!(until(early, "2026-03-29T01:00:00Z", "Europe/Berlin").unwrap(), "2026-03-29T03:00:00Z");
        // Within the gap from end to end: that night has none.
        let short = quiet("02:10", "02:40");
        assert_eq!(until(short, "2026-03-29T00:59:59Z", "Europe/Berlin"), None);
        assert_eq!(until(short, "2026-03-29T01:00:00Z", "Europe/Berlin"), None);
        // A night before the change is an hour shorter.
        let whole = quiet("22:00", "08:00");
        assert_eq!(until(whole, "2026-03-28T21:00:00Z", "Europe/Berlin").unwrap(), "2026-03-29T06:00:00Z");
    }

    #[test]
    fn a_clock_that_is_put_back_lengthens_them() {
        // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC.
        let night = quiet("22:00", "08:00");
        assert_eq!(until(night, "2026-10-24T20:00:00Z", "Europe/Berlin").unwrap(), "2026-10-25T07:00:00Z");
        // 02:30 is shown twice: they are over at the first, and come back with the second 02:00.
        let half = quiet("22:00", "02:30");
        assert_eq!(until(half, "2026-10-24T23:00:00Z", "Europe/Berlin").unwrap(), "2026-10-25T00:30:00Z");
        assert_eq!(until(half, "2026-10-25T00:30:00Z", "Europe/Berlin"), None);
        assert_eq!(until(half, "2026-10-25T01:10:00Z", "Europe/Berlin").unwrap(), "2026-10-25T01:30:00Z");
    }

    proptest! {
        #[test]
        fn they_end_at_the_first_minute_that_is_not_quiet(
            from in 0i16..1440, length in 1i16..1439, minutes in 0i64..(2 * 366 * 24 * 60),
            name in prop::sample::select(vec!["America/Sao_Paulo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
        ) {
            let time = |minute: i16| Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).unwrap();
            let hours = QuietHours { from: time(from), to: time((from + length) % 1440) };
            let zone = zone(name);
            let now = "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes);
            let is_quiet = |at: Timestamp| hours.has(at.to_zoned(zone.clone()).time());
            match hours.until(now, &zone) {
                None => prop_assert!(!is_quiet(now)),
                Some(end) => {
                    prop_assert!(end > now && end.duration_since(now) < SignedDuration::from_hours(26));
                    prop_assert!(!is_quiet(end), "over at {end}");
                    let mut at = now;
                    while at < end {
                        prop_assert!(is_quiet(at), "quiet at {at}, until {end}");
                        at += SignedDuration::from_mins(1);
                    }
                }
            }
        }
    }
}
