//! What a number keeps to: its plan's pace and its own together.

use super::{Begun, NewChats, OwnPace, Pace, QuietHours};
use crate::rate::Rate;
use crate::user::ZoneName;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::time::Duration;

/// The more careful of a plan's pace and a number's own, in every respect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub(super) rate: Rate,
    pub(super) jitter: Duration,
    /// Whether the recipient is shown that somebody types.
    pub typing: bool,
    new_chats: [Option<NewChats>; 2],
    quiet: [Option<(QuietHours, TimeZone)>; 2],
    zone: TimeZone,
}

impl Rules {
    /// Of a number with this plan and this pace of its own, of a tenant whose days are those of `zone`.
    pub fn new(plan: &Pace, own: &OwnPace, zone: &TimeZone) -> Self {
        let least = |own: Option<u32>, plan: u32| own.map_or(plan, |own| own.min(plan));
        let own_zone = own.time_zone.as_ref().map_or(zone, ZoneName::zone);
        Self {
            rate: Pace::rate(least(own.per_minute, plan.per_minute), least(own.burst, plan.burst)),
            jitter: Duration::from_millis(own.jitter_ms.unwrap_or(0).max(plan.jitter_ms).into()),
            typing: plan.typing || own.typing.unwrap_or(false),
            new_chats: [plan.new_chats, own.new_chats],
            quiet: [
                plan.quiet_hours.map(|hours| (hours, zone.clone())),
                own.quiet_hours.map(|hours| (hours, own_zone.clone())),
            ],
            zone: zone.clone(),
        }
    }

    /// The rate alone.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// How long after one message the next goes out on average, where many wait.
    pub fn spacing(&self) -> Duration {
        self.rate.interval().unsigned_abs() + self.jitter / 2
    }

    /// Until when nothing is sent, if it is quiet at `now`.
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut end = now;
        // One may begin before the other is over; between them they may fill the day, and then each look goes one further.
        for _ in 0..4 {
            let next = self.quiet.iter().flatten().filter_map(|(hours, zone)| hours.until(end, zone)).max();
            match next {
                Some(next) => end = next,
                None => break,
            }
        }
        (end > now).then_some(end)
    }

    /// The calendar day of its tenant.
    pub fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.zone.clone()).date()
    }

    /// When the next day begins.
    pub fn tomorrow(&self, now: Timestamp) -> Option<Timestamp> {
        let tomorrow = self.today(now).tomorrow().ok()?;
        Some(tomorrow.to_zoned(self.zone.clone()).ok()?.timestamp())
    }

    /// Whether chats that are begun are counted at all.
    pub fn counts_new_chats(&self) -> bool {
        self.new_chats.iter().any(Option::is_some)
    }

    /// How many more chats it may begin on the day that `begun` counts; `None` for no limit.
    pub fn new_chats_left(&self, begun: Begun) -> Option<u32> {
        let budgets = self.new_chats.iter().flatten().map(|budget| budget.on_day(begun.age()));
        budgets.min().map(|most| most.saturating_sub(begun.chats))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::date;

    fn rules(plan: &str, own: &str) -> Rules {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        Rules::new(&serde_json::from_str(plan).unwrap(), &serde_json::from_str(own).unwrap(), &zone)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_more_careful_of_both_holds() {
        let both = rules(r#"{"per_minute":60,"burst":5}"#, r#"{"per_minute":6,"burst":9,"jitter_ms":0}"#);
        assert_eq!(
            both.rate,
            Rate::every(SignedDuration::from_secs(10), 5),
            "a plan that became smaller counts"
        );
        assert_eq!((both.jitter, both.typing), (Duration::from_millis(400), false));
        assert_eq!(both.spacing(), Duration::from_millis(10_200));
        let both = rules(r#"{"typing":true}"#, r#"{"typing":false,"jitter_ms":900}"#);
        assert_eq!((both.jitter, both.typing), (Duration::from_millis(900), true));
        let left = |rules: &Rules, age: i64, chats| {
            let day = date(2026, 3, 1) + SignedDuration::from_hours(24 * age);
            rules.new_chats_left(Begun { since: date(2026, 3, 1), day, chats })
        };
        let plan = r#"{"new_chats":{"per_day":100,"warm_up":{"first_day":10,"days":9}}}"#;
        let both = rules(plan, r#"{"new_chats":{"per_day":50}}"#);
        assert_eq!(
            (left(&both, 0, 0), left(&both, 1, 15), left(&both, 20, 0)),
            (Some(10), Some(5), Some(50))
        );
        assert_eq!(left(&both, 20, 51), Some(0));
        assert_eq!(left(&rules("{}", "{}"), 0, 9_999), None);
    }

    #[test]
    fn quiet_hours_of_both_are_quiet_each_in_its_zone() {
        let plan = r#"{"quiet_hours":{"from":"22:00","to":"08:00"}}"#;
        let own = r#"{"quiet_hours":{"from":"07:30","to":"09:00"},"time_zone":"UTC"}"#;
        // 21:59 to 08:00 in São Paulo is 00:59 to 11:00 UTC.
        assert_eq!(
            rules(plan, own).quiet_until(at("2026-11-23T08:10:00Z")),
            Some(at("2026-11-23T11:00:00Z"))
        );
        assert_eq!(
            rules("{}", own).quiet_until(at("2026-11-23T08:10:00Z")),
            Some(at("2026-11-23T09:00:00Z"))
        );
        assert_eq!(rules(plan, own).quiet_until(at("2026-11-23T12:00:00Z")), None);
        let follows = r#"{"quiet_hours":{"from":"08:00","to":"10:00"}}"#;
        assert_eq!(
            rules(plan, follows).quiet_until(at("2026-11-23T10:00:00Z")),
            Some(at("2026-11-23T13:00:00Z"))
        );
    }

    #[test]
    fn days_are_the_tenants() {
        let rules = rules("{}", "{}");
        let late = at("2026-11-23T02:59:00Z");
        assert_eq!(
            (rules.today(late), rules.tomorrow(late)),
            (date(2026, 11, 22), Some(at("2026-11-23T03:00:00Z")))
        );
    }
}
