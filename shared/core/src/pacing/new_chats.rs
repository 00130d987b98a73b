//! How many chats a number may begin in a day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How many chats a number may begin in a calendar day of its tenant. As JSON
/// `{"per_day": N, "warm_up": {"first_day": N, "days": N}}`, the latter optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct NewChats {
    per_day: u32,
    warm_up: Option<WarmUp>,
}

/// A number that was connected a short while ago begins with fewer chats a day, and more each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUp {
    /// On its first day.
    pub first_day: u32,
    /// After how many days it may begin as many as any other.
    pub days: u32,
}

/// A budget as it is stated.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    per_day: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warm_up: Option<WarmUp>,
}

/// What was stated is no budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("new_chats: per_day is 1 to 100000, warm_up.first_day 1 to per_day and warm_up.days 1 to 365")]
pub struct InvalidNewChats;

impl TryFrom<Stated> for NewChats {
    type Error = InvalidNewChats;

    fn try_from(stated: Stated) -> Result<Self, InvalidNewChats> {
        Self::new(stated.per_day, stated.warm_up)
    }
}

impl From<NewChats> for Stated {
    fn from(new_chats: NewChats) -> Self {
        Self { per_day: new_chats.per_day, warm_up: new_chats.warm_up }
    }
}

impl NewChats {
    /// A budget of 1 to 100,000 chats a day, with a warm-up or without.
    ///
    /// # Errors
    /// [`InvalidNewChats`].
    pub fn new(per_day: u32, warm_up: Option<WarmUp>) -> Result<Self, InvalidNewChats> {
        let warms = |warm: WarmUp| (1..=per_day).contains(&warm.first_day) && (1..=365).contains(&warm.days);
        let fine = (1..=100_000).contains(&per_day) && warm_up.is_none_or(warms);
        if fine { Ok(Self { per_day, warm_up }) } else { Err(InvalidNewChats) }
    }

    /// How many chats a day, once the number is warm.
    pub fn per_day(self) -> u32 {
        self.per_day
    }

    /// The warm-up, if there is one.
    pub fn warm_up(self) -> Option<WarmUp> {
        self.warm_up
    }

    /// How many chats it may begin on the day that is `age` days after its first: a straight line from the first day's to the
    /// full budget.
    pub fn on_day(self, age: u32) -> u32 {
        match self.warm_up {
            Some(WarmUp { first_day, days }) if age < days => {
                let grown = u64::from(self.per_day - first_day) * u64::from(age) / u64::from(days);
                first_day + u32::try_from(grown).unwrap_or(u32::MAX)
            }
            _ => self.per_day,
        }
    }
}

/// The chats that a number has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// The day on which it was first connected.
    pub since: Date,
    /// The day that is counted.
    pub day: Date,
    /// How many it began on that day.
    pub chats: u32,
}

impl Begun {
    /// Of a number that is connected for the first time.
    pub fn first(today: Date) -> Self {
        Self { since: today, day: today, chats: 0 }
    }

    /// As it is `today`: a new day begins at nought. A day that goes back, as it may when a tenant changes its time zone, is still
    /// the day that was counted.
    #[must_use]
    pub fn on(self, today: Date) -> Self {
        if today > self.day { Self { day: today, chats: 0, ..self } } else { self }
    }

    /// With one chat more.
    #[must_use]
    pub fn with_another(self) -> Self {
        Self { chats: self.chats.saturating_add(1), ..self }
    }

    /// How many days after its first the counted day is.
    pub fn age(self) -> u32 {
        let days = self.since.until(self.day).map_or(0, |span| span.get_days());
        u32::try_from(days).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn read(json: &str) -> Result<NewChats, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn budgets_that_are_none_are_refused() {
        let json = r#"{"per_day":200,"warm_up":{"first_day":20,"days":14}}"#;
        let budget = read(json).unwrap();
        assert_eq!(serde_json::to_string(&budget).unwrap(), json);
        assert_eq!((budget.on_day(0), budget.on_day(7), budget.on_day(14)), (20, 110, 200));
        for json in [
            r#"{"per_day":0}"#,
            r#"{"per_day":100001}"#,
            r#"{"per_day":10,"warm_up":{"first_day":11,"days":5}}"#,
            r#"{"per_day":10,"warm_up":{"first_day":0,"days":5}}"#,
            r#"{"per_day":10,"warm_up":{"first_day":1,"days":0}}"#,
            r#"{"per_day":10,"warm_up":{"first_day":1}}"#,
            r#"{"per_day":10,"x":1}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_day_begins_at_nought_and_is_never_counted_twice() {
        let first = date(2026, 2, 27);
        let begun = Begun::first(first).with_another().with_another();
        assert_eq!((begun.chats, begun.age()), (2, 0));
        let back = begun.on(date(2026, 2, 26));
        assert_eq!(back, begun, "another time zone gives no day back");
        let next = begun.on(date(2026, 3, 2));
        assert_eq!((next.chats, next.age(), next.since), (0, 3, first));
    }

    proptest! {
        #[test]
        fn the_warm_up_never_falls_and_stays_within_the_budget(per_day in 1u32..100_000, first in 1u32..100_000, days in 1u32..365) {
            let warm_up = WarmUp { first_day: first.min(per_day), days };
            let budget = NewChats::new(per_day, Some(warm_up)).unwrap();
            let mut last = warm_up.first_day;
            prop_assert_eq!(budget.on_day(0), last);
            for age in 0..400 {
                let today = budget.on_day(age);
                prop_assert!(last <= today && today <= per_day, "day {}: {} after {}", age, today, last);
                last = today;
            }
            prop_assert_eq!(last, per_day);
        }

        #[test]
        fn the_age_is_the_days_between(days in 0i32..2_000) {
            let first = date(2026, 1, 31);
            let begun = Begun::first(first).on(first.checked_add(days.days()).unwrap());
            prop_assert_eq!(begun.age(), days as u32);
        }
    }
}
