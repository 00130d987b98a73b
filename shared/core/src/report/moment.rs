//! Points in time as the contract writes them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::str::FromStr;

/// A point in time as a client gave it: a day, or a second of one, in the deployment's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole day.
    Day(Date),
    /// A whole second.
    Second(DateTime),
}

/// What was given is no point in time of the contract's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not DD/MM/YYYY, DD/MM/YYYY HH:MM:SS or YYYY-MM-DD")]
pub struct InvalidMoment;

impl Moment {
    /// Its first instant. A time that a clock going forward leaves out is taken as that much later, one that a clock going
    /// back has twice as the first of the two.
    pub fn begins(self, zone: &TimeZone) -> Timestamp {
        match self {
            Moment::Day(day) => start_of(day, zone),
            Moment::Second(at) => bounded(zone.to_timestamp(at), at),
        }
    }

    /// The first instant after it. Of a time that a clock going back has twice, the second one ends.
    pub fn ends(self, zone: &TimeZone) -> Timestamp {
        match self {
            Moment::Day(day) => day.tomorrow().map_or(Timestamp::MAX, |next| start_of(next, zone)),
            Moment::Second(at) => {
                let instant = bounded(zone.to_ambiguous_timestamp(at).later(), at);
                instant.saturating_add(SignedDuration::from_secs(1)).unwrap_or(instant)
            }
        }
    }
}

/// The first instant of a day: not always midnight, which in Brazil's summer time was left out once a year.
fn start_of(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = day.to_datetime(Time::midnight());
    bounded(
        day.to_zoned(zone.clone()).and_then(|day| day.start_of_day()).map(|start| start.timestamp()),
        midnight,
    )
}

/// Days at the ends of the calendar have instants that cannot be told; the nearest one that can stands for them.
fn bounded(instant: Result<Timestamp, jiff::Error>, at: DateTime) -> Timestamp {
    instant.unwrap_or(if at.year() > 2000 { Timestamp::MAX } else { Timestamp::MIN })
}

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let text = text.trim();
        if text.contains('-') {
            let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
            return date(year, month, day).map(Moment::Day);
        }
        let (day, time) =
            text.split_once(' ').map_or((text, None), |(day, time)| (day, Some(time.trim_start())));
        let [day, month, year] = numbers(day, '/', [2, 2, 4])?;
        let day = date(year, month, day)?;
        let Some(time) = time else { return Ok(Moment::Day(day)) };
        let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
        // Each has two digits, so it fits.
        let time = Time::new(hour as i8, minute as i8, second as i8, 0).map_err(|_| InvalidMoment)?;
        Ok(Moment::Second(day.to_datetime(time)))
    }
}

/// Three numbers of exactly these many digits.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Result<[i16; 3], InvalidMoment> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (number, width) in found.iter_mut().zip(widths) {
        let digits = parts.next().ok_or(InvalidMoment)?;
        if digits.len() != width || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidMoment);
        }
        *number = digits.parse().map_err(|_| InvalidMoment)?;
    }
    if parts.next().is_none() { Ok(found) } else { Err(InvalidMoment) }
}

fn date(year: i16, month: i16, day: i16) -> Result<Date, InvalidMoment> {
    // Month and day have two digits, so they fit.
    Date::new(year, month as i8, day as i8).map_err(|_| InvalidMoment)
}

/// An instant as the contract writes it: `DD/MM/YYYY, HH:MM:SS`, in `zone`.
pub fn written(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    let time = at.time();
    format!("{}, {:02}:{:02}:{:02}", day_written(at.date()), time.hour(), time.minute(), time.second())
}

/// A day as the contract writes it: `DD/MM/YYYY`.
pub(super) fn day_written(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sao_paulo() -> TimeZone {
        TimeZone::get("America/Sao_Paulo").unwrap()
    }

    fn utc(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn reads_the_three_forms() {
        let day = Moment::Day(Date::constant(2024, 1, 31));
        assert_eq!(moment("31/01/2024"), day);
        assert_eq!(moment("2024-01-31"), day);
        assert_eq!(
            moment("31/01/2024 10:30:59"),
            Moment::Second(DateTime::constant(2024, 1, 31, 10, 30, 59, 0))
        );
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "31",
            "31/1/2024",
            "30/02/2024",
            "2024-13-01",
            "2024/01/31",
            "31-01-2024",
            "01/31/2024",
            "31/01/2024 10:30",
            "31/01/2024 24:00:00",
            "31/01/2024 10:30:60",
            "2024-01-31 10:30:00",
            "2024-01-31T10:30:00Z",
            "31/01/2024 10:30:59:1",
            "٣١/٠١/٢٠٢٤",
            "+1/01/2024",
            "31/01/-024",
            "amanhã",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(InvalidMoment), "{text}");
        }
    }

    #[test]
    fn a_day_is_the_whole_day_of_the_zone() {
        let day = moment("01/02/2024");
        assert_eq!(day.begins(&sao_paulo()), utc("2024-02-01T03:00:00Z"));
        assert_eq!(day.ends(&sao_paulo()), utc("2024-02-02T03:00:00Z"));
    }

    #[test]
    fn a_second_is_whole_too() {
        let second = moment("01/02/2024 10:30:00");
        assert_eq!(second.begins(&sao_paulo()), utc("2024-02-01T13:30:00Z"));
        assert_eq!(second.ends(&sao_paulo()), utc("2024-02-01T13:30:01Z"));
    }

    #[test]
    fn the_day_summer_time_began_had_no_midnight() {
        // 4 November 2018: 00:00 became 01:00. The day lasted 23 hours.
        let day = moment("04/11/2018");
        assert_eq!(day.begins(&sao_paulo()), utc("2018-11-04T03:00:00Z"));
        assert_eq!(day.ends(&sao_paulo()), utc("2018-11-05T02:00:00Z"));
        assert_eq!(moment("03/11/2018").ends(&sao_paulo()), day.begins(&sao_paulo()));
        assert_eq!(moment("04/11/2018 00:30:00").begins(&sao_paulo()), utc("2018-11-04T03:30:00Z"));
    }

    #[test]
    fn the_day_summer_time_ended_had_an_hour_twice() {
        // 16 February 2019: 24:00 became 23:00. The day lasted 25 hours.
        let day = moment("16/02/2019");
        assert_eq!(day.begins(&sao_paulo()), utc("2019-02-16T02:00:00Z"));
        assert_eq!(day.ends(&sao_paulo()), utc("2019-02-17T03:00:00Z"));
        let twice = moment("16/02/2019 23:30:00");
        assert_eq!(twice.begins(&sao_paulo()), utc("2019-02-17T01:30:00Z"));
        assert_eq!(twice.ends(&sao_paulo()), utc("2019-02-17T02:30:01Z"));
    }

    #[test]
    fn is_written_in_the_zone() {
        assert_eq!(written(utc("2024-01-01T13:30:00.9Z"), &sao_paulo()), "01/01/2024, 10:30:00");
        assert_eq!(written(utc("2019-01-01T13:30:00Z"), &sao_paulo()), "01/01/2019, 11:30:00", "summer time");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[0-9/: -]{0,22}") {
            if let Ok(moment) = text.parse::<Moment>() {
                prop_assert!(moment.begins(&sao_paulo()) <= moment.ends(&sao_paulo()));
            }
        }

        #[test]
        fn days_follow_each_other_without_gap_or_overlap(year in 1990i16..2030, month in 1i8..=12, day in 1i8..=28) {
            let day = Date::new(year, month, day).unwrap();
            let next = Moment::Day(day.tomorrow().unwrap());
            prop_assert_eq!(Moment::Day(day).ends(&sao_paulo()), next.begins(&sao_paulo()));
        }

        #[test]
        fn what_is_written_reads_back_to_its_second(second in 0i64..4_000_000_000) {
            let at = Timestamp::from_second(second).unwrap();
            let moment: Moment = written(at, &sao_paulo()).replace(',', "").parse().unwrap();
            prop_assert!(moment.begins(&sao_paulo()) <= at && at < moment.ends(&sao_paulo()));
        }
    }
}
