//! The period of a report.

use super::moment::Moment;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// The days before the last one that a report reaches back when its client does not say.
const DEFAULT_DAYS_BACK: i64 = 30;

/// A stretch of time: from `from` on, up to and without `to`. Both are whole microseconds of 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// The period would end before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period ends before it begins")]
pub struct InvalidPeriod;

impl Period {
    /// The period from the first instant of `init` to the last of `end`. Without `end` it goes to the end of today; without
    /// `init` it begins with the day 30 days before the one that it ends in.
    ///
    /// # Errors
    /// [`InvalidPeriod`] when it would end before it begins.
    pub fn new(
        init: Option<Moment>,
        end: Option<Moment>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, InvalidPeriod> {
        let end = end.unwrap_or_else(|| Moment::Day(zone.to_datetime(now).date()));
        let init = init.unwrap_or_else(|| {
            let last_day = match end {
                Moment::Day(day) => day,
                Moment::Second(at) => at.date(),
            };
            Moment::Day(last_day.saturating_sub(Span::new().days(DEFAULT_DAYS_BACK)))
        });
        let (from, to) = (init.begins(zone), end.ends(zone));
        if from < to { Ok(Self { from: storable(from), to: storable(to) }) } else { Err(InvalidPeriod) }
    }

    /// The period between two instants as a cursor holds them.
    pub(crate) fn from_microseconds(from: i64, to: i64) -> Option<Self> {
        Some(Self {
            from: Timestamp::from_microsecond(from).ok()?,
            to: Timestamp::from_microsecond(to).ok()?,
        })
    }
}

/// The nearest instant that a send's key can hold: nothing was accepted before 1970, and later than 9999 nothing can be told.
fn storable(at: Timestamp) -> Timestamp {
    let last = Timestamp::MAX - SignedDuration::from_secs(1);
    let at = at.clamp(Timestamp::UNIX_EPOCH, last);
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Date, Time};
    use proptest::prelude::*;

    fn period(init: Option<&str>, end: Option<&str>) -> Result<(String, String), InvalidPeriod> {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        // 23:30 of 10 March in São Paulo.
        let now = "2024-03-11T02:30:00Z".parse().unwrap();
        let moment = |text: &str| text.parse().unwrap();
        Period::new(init.map(moment), end.map(moment), now, &zone)
            .map(|p| (p.from.to_string(), p.to.to_string()))
    }

    fn is(from: &str, to: &str) -> Result<(String, String), InvalidPeriod> {
        Ok((from.into(), to.into()))
    }

    #[test]
    fn both_days_belong_to_it() {
        assert_eq!(
            period(Some("01/01/2024"), Some("2024-01-02")),
            is("2024-01-01T03:00:00Z", "2024-01-03T03:00:00Z")
        );
        assert_eq!(
            period(Some("01/01/2024 08:00:00"), Some("01/01/2024 08:00:00")),
            is("2024-01-01T11:00:00Z", "2024-01-01T11:00:01Z")
        );
    }

    #[test]
    fn defaults_to_the_last_thirty_days_and_today() {
        assert_eq!(period(None, None), is("2024-02-09T03:00:00Z", "2024-03-11T03:00:00Z"));
        assert_eq!(period(None, Some("31/01/2024")), is("2024-01-01T03:00:00Z", "2024-02-01T03:00:00Z"));
        assert_eq!(period(Some("09/03/2024"), None), is("2024-03-09T03:00:00Z", "2024-03-11T03:00:00Z"));
    }

    #[test]
    fn refuses_one_that_ends_before_it_begins() {
        assert_eq!(period(Some("02/01/2024"), Some("01/01/2024")), Err(InvalidPeriod));
        assert_eq!(period(Some("11/03/2024"), None), Err(InvalidPeriod));
        assert_eq!(period(Some("01/01/2024 08:00:01"), Some("01/01/2024 08:00:00")), Err(InvalidPeriod));
    }

    #[test]
    fn takes_the_ends_of_the_calendar() {
        let (from, to) = period(Some("0001-01-01"), Some("31/12/9999")).unwrap();
        assert_eq!(from, "1970-01-01T00:00:00Z");
        assert!(to.starts_with("9999-12-"), "{to}");
        assert!(period(None, Some("0001-01-01")).is_ok());
    }

    /// Zones with and without summer time, of whole and of broken hours, and one that once left out a day.
    const ZONES: [&str; 8] = [
        "America/Sao_Paulo",
        "America/Manaus",
        "America/Noronha",
        "Europe/Lisbon",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "UTC",
    ];

    prop_compose! {
        fn any_day()(days in 0i32..22_000) -> Date {
            Date::constant(1990, 1, 1).saturating_add(Span::new().days(days))
        }
    }

    fn any_zone() -> impl Strategy<Value = TimeZone> {
        prop::sample::select(ZONES.map(|name| TimeZone::get(name).unwrap()).to_vec())
    }

    fn of_days(first: Date, last: Date, zone: &TimeZone) -> Result<Period, InvalidPeriod> {
        let now = Timestamp::UNIX_EPOCH;
        Period::new(Some(Moment::Day(first)), Some(Moment::Day(last)), now, zone)
    }

    proptest! {
        #[test]
        fn a_range_is_its_days_one_after_another(first in any_day(), days in 0i32..800, zone in any_zone()) {
            let last = first.saturating_add(Span::new().days(days));
            let whole = of_days(first, last, &zone).unwrap();
            let (mut day, mut reached) = (first, whole.from);
            while day <= last {
                // Of a day that a zone left out nothing is left.
                if let Ok(one) = of_days(day, day, &zone) {
                    prop_assert_eq!(one.from, reached);
                    let hours = one.to.duration_since(one.from).as_secs() as f64 / 3_600.0;
                    prop_assert!((22.5..=25.5).contains(&hours), "{} has {} hours in {:?}", day, hours, zone);
                    reached = one.to;
                }
                day = day.tomorrow().unwrap();
            }
            prop_assert_eq!(reached, whole.to);
        }

        #[test]
        fn an_instant_belongs_to_the_day_that_a_clock_on_the_wall_shows(
            second in 631_152_000i64..2_500_000_000,
            zone in any_zone(),
        ) {
            let at = Timestamp::from_second(second).unwrap();
            let day = zone.to_datetime(at).date();
            let own = of_days(day, day, &zone).unwrap();
            prop_assert!(own.from <= at && at < own.to, "{} of {} in {:?}", at, day, zone);
            for other in [day.yesterday().unwrap(), day.tomorrow().unwrap()] {
                if let Ok(other) = of_days(other, other, &zone) {
                    prop_assert!(at < other.from || other.to <= at);
                }
            }
        }

        #[test]
        fn an_inverted_range_is_refused_and_every_other_has_an_end(a in any_day(), b in any_day(), zone in any_zone()) {
            match of_days(a, b, &zone) {
                Ok(period) => prop_assert!(a <= b && period.from < period.to),
                // Apia had no 30 December 2011.
                Err(InvalidPeriod) => prop_assert!(a > b || (a == b && a == Date::constant(2011, 12, 30))),
            }
        }

        #[test]
        fn a_second_of_a_day_lies_within_it(day in any_day(), second in 0i64..86_400, zone in any_zone()) {
            let at = day.to_datetime(Time::midnight()).saturating_add(SignedDuration::from_secs(second));
            let moment = Moment::Second(at);
            let period = Period::new(Some(moment), Some(moment), Timestamp::UNIX_EPOCH, &zone).unwrap();
            // A second that an hour put back has twice is both of them and what lies between.
            let length = period.to.duration_since(period.from).as_secs();
            prop_assert!(length == 1 || length == 1_801 || length == 3_601, "{} s", length);
            if let Ok(whole) = of_days(day, day, &zone) {
                // A time that a clock going forward left out is taken for a later one, at most the hour after the day.
                prop_assert!(whole.from <= period.from && period.to <= whole.to + SignedDuration::from_hours(1));
            }
        }
    }
}
