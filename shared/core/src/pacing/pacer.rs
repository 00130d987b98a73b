//! When a number may write its next message.
//!
//! The bucket is the generic cell rate algorithm of [`crate::rate`], which all limits of the system use and which is a pure
//! function of the time it is told. The crate `governor` is the same algorithm, but keeps its state within and reads a clock of
//! its own type; a test would have to drive that clock, and a change of settings would throw the state away.

use super::{Begun, Hold, Moment, Rules, Verdict};
use crate::rate::{Arrival, Decision};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Keeps one number to its rules.
#[derive(Debug, Clone)]
pub struct Pacer {
    rules: Rules,
    begun: Begun,
    /// Of the next message, counted from the epoch of the time that never jumps.
    arrival: Arrival,
    /// When the next message goes out, if that was drawn.
    due: Option<Duration>,
}

impl Pacer {
    /// A pacer that begins `now`. Its bucket is empty: whoever had the number before may have used all of it just now.
    pub fn new(rules: Rules, begun: Begun, now: Moment) -> Self {
        let rate = rules.rate;
        let arrival = Arrival(at(now.run) + rate.tolerance().saturating_add(rate.interval()));
        Self { rules, begun, arrival, due: None }
    }

    /// Its rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The chats that were begun.
    pub fn begun(&self) -> Begun {
        self.begun
    }

    /// Keeps to other rules from `now` on. What was written counts by them, too.
    pub fn keep_to(&mut self, rules: Rules, now: Moment) {
        let rate = rules.rate;
        let empty = at(now.run) + rate.tolerance().saturating_add(rate.interval());
        self.arrival = self.arrival.min(Arrival(empty));
        if rules.rate != self.rules.rate || rules.jitter != self.rules.jitter {
            self.due = None;
        }
        self.rules = rules;
    }

    /// Takes in what was counted elsewhere.
    pub fn learn(&mut self, begun: Begun) {
        self.begun = begun;
    }

    /// Whether a message may be written now; `chance` is drawn anew for each question, evenly over all of `u32`.
    pub fn ask(&mut self, now: Moment, begins_chat: bool, chance: u32) -> Verdict {
        if let Some(end) = self.rules.quiet_until(now.wall) {
            return Verdict::Hold(Hold::QuietHours, end);
        }
        if begins_chat && self.budget_is_spent(now) {
            let day = now.wall + SignedDuration::from_hours(24);
            return Verdict::Hold(Hold::NewChats, self.rules.tomorrow(now.wall).unwrap_or(day));
        }
        let open = self.look(now).map_or_else(|wait| now.run + wait, |_| now.run);
        let due = *self.due.get_or_insert_with(|| open + drawn(self.rules.jitter, chance));
        let due = due.max(open);
        if due <= now.run { Verdict::Go } else { Verdict::Wait(due - now.run) }
    }

    /// A message is being written.
    pub fn wrote(&mut self, now: Moment) {
        let interval = self.rules.rate.interval();
        self.arrival = self.look(now).unwrap_or(Arrival(self.arrival.0 + interval));
        self.due = None;
    }

    /// What to store before a message is written that begins a chat; [`Pacer::learn`] it then.
    pub fn another_chat(&self, now: Moment) -> Begun {
        self.begun.on(self.rules.today(now.wall)).with_another()
    }

    /// Whether the number may begin no more chats today.
    pub fn budget_is_spent(&self, now: Moment) -> bool {
        let begun = self.begun.on(self.rules.today(now.wall));
        self.rules.new_chats_left(begun) == Some(0)
    }

    /// The arrival time to keep if a message is written now, or how long the bucket is still empty.
    fn look(&self, now: Moment) -> Result<Arrival, Duration> {
        let (Decision { retry_after, .. }, next) = self.rules.rate.look(Some(self.arrival), at(now.run));
        next.ok_or_else(|| Duration::try_from(retry_after).unwrap_or_default())
    }
}

/// The time that never jumps, as the bucket counts it.
fn at(run: Duration) -> Timestamp {
    let micros = i64::try_from(run.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

fn drawn(jitter: Duration, chance: u32) -> Duration {
    let micros = jitter.as_micros() * u128::from(chance) / u128::from(u32::MAX);
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacing::{OwnPace, Pace};
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    const START: &str = "2026-11-23T15:00:00Z";

    fn rules(json: &str) -> Rules {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        Rules::new(&serde_json::from_str(json).unwrap(), &OwnPace::default(), &zone)
    }

    fn moment(millis: u64) -> Moment {
        let run = Duration::from_millis(millis);
        Moment { run, wall: START.parse::<Timestamp>().unwrap() + SignedDuration::try_from(run).unwrap() }
    }

    fn pacer(json: &str) -> Pacer {
        let rules = rules(json);
        let today = rules.today(moment(0).wall);
        Pacer::new(rules, Begun::first(today), moment(0))
    }

    #[test]
    fn a_full_bucket_lets_its_burst_go_and_then_one_a_second() {
        let mut pacer = pacer(r#"{"jitter_ms":0}"#);
        assert_eq!(pacer.ask(moment(0), false, 0), Verdict::Wait(Duration::from_secs(1)), "it begins empty");
        let mut gone = Vec::new();
        for millis in (60_000..70_000).step_by(100) {
            if pacer.ask(moment(millis), false, 0) == Verdict::Go {
                pacer.wrote(moment(millis));
                gone.push(millis - 60_000);
            }
            if pacer.ask(moment(millis), false, 0) == Verdict::Go && millis == 60_000 {
                for _ in 0..4 {
                    assert_eq!(pacer.ask(moment(millis), false, 0), Verdict::Go);
                    pacer.wrote(moment(millis));
                }
            }
        }
        assert_eq!(gone, [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000]);
    }

    #[test]
    fn nothing_goes_in_quiet_hours_and_the_answer_says_until_when() {
        // 12:00 in São Paulo.
        let mut pacer = pacer(r#"{"quiet_hours":{"from":"12:30","to":"14:00"}}"#);
        assert_eq!(pacer.ask(moment(60_000), false, 0), Verdict::Go);
        let end = "2026-11-23T17:00:00Z".parse().unwrap();
        assert_eq!(pacer.ask(moment(1_800_000), false, 0), Verdict::Hold(Hold::QuietHours, end));
        assert_eq!(pacer.ask(moment(7_200_000), false, 0), Verdict::Go);
    }

    #[test]
    fn chats_are_begun_until_the_days_are_spent_and_known_ones_go_on() {
        let mut pacer = pacer(r#"{"new_chats":{"per_day":9,"warm_up":{"first_day":2,"days":7}}}"#);
        for _ in 0..2 {
            assert_eq!(pacer.ask(moment(60_000), true, 0), Verdict::Go);
            pacer.learn(pacer.another_chat(moment(60_000)));
        }
        let midnight = "2026-11-24T03:00:00Z".parse().unwrap();
        assert_eq!(pacer.ask(moment(60_000), true, 0), Verdict::Hold(Hold::NewChats, midnight));
        assert_eq!(pacer.ask(moment(60_000), false, 0), Verdict::Go);
        let next_day = moment(12 * 3_600_000);
        assert_eq!(pacer.ask(next_day, true, 0), Verdict::Go);
        assert_eq!((pacer.another_chat(next_day).chats, pacer.another_chat(next_day).age()), (1, 1));
    }

    #[test]
    fn other_rules_count_from_where_the_old_ones_were() {
        let mut slow = pacer(r#"{"per_minute":1,"burst":1,"jitter_ms":0}"#);
        assert_eq!(slow.ask(moment(0), false, 0), Verdict::Wait(Duration::from_secs(60)));
        slow.keep_to(rules(r#"{"per_minute":60,"burst":1,"jitter_ms":0}"#), moment(0));
        assert_eq!(slow.ask(moment(0), false, 0), Verdict::Wait(Duration::from_secs(1)));
        assert_eq!(slow.ask(moment(1_000), false, 0), Verdict::Go);
    }

    #[test]
    fn a_clock_that_jumps_changes_no_pace() {
        let mut pacer = pacer(r#"{"burst":1,"jitter_ms":0}"#);
        pacer.wrote(moment(60_000));
        let jumped = Moment { wall: moment(7_200_000).wall, ..moment(60_500) };
        assert_eq!(pacer.ask(jumped, false, 0), Verdict::Wait(Duration::from_millis(500)));
    }

    /// Writes as soon as it may, asking after each gap, and takes the number over anew where told; returns when it wrote.
    fn run(pace: &Pace, gaps: &[(u64, u32, bool)]) -> Vec<u64> {
        let rules = Rules::new(pace, &OwnPace::default(), &TimeZone::UTC);
        let begun = Begun::first(rules.today(moment(0).wall));
        let mut pacer = Pacer::new(rules.clone(), begun, moment(0));
        let (mut now, mut written) = (0, Vec::new());
        for (gap, chance, takeover) in gaps {
            now += gap;
            if *takeover {
                pacer = Pacer::new(rules.clone(), begun, moment(now));
            }
            for _ in 0..20 {
                if pacer.ask(moment(now), false, *chance) != Verdict::Go {
                    break;
                }
                pacer.wrote(moment(now));
                written.push(now);
            }
        }
        written
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_rate_in_any_window_takeovers_included(
            per_minute in 1u32..3_000, burst in 1u32..20, jitter_ms in 0u32..2_000,
            gaps in prop::collection::vec((0u64..5_000, any::<u32>(), prop::bool::weighted(0.05)), 1..120),
        ) {
            let pace = Pace { per_minute, burst, jitter_ms, ..Pace::default() };
            let written = run(&pace, &gaps);
            let interval = Pace::rate(per_minute, burst).interval().as_micros();
            for (first, start) in written.iter().enumerate() {
                for (last, end) in written.iter().enumerate().skip(first) {
                    let earned = i128::from(end - start) * 1_000 / interval;
                    let count = (last - first + 1) as i128;
                    prop_assert!(count <= i128::from(burst) + earned, "{count} in {} ms", end - start);
                }
            }
        }

        #[test]
        fn the_wait_is_the_true_one_and_the_jitter_bounded(
            per_minute in 1u32..3_000, burst in 1u32..20, jitter_ms in 0u32..2_000,
            gaps in prop::collection::vec((0u64..5_000, any::<u32>()), 1..60),
        ) {
            let pace = Pace { per_minute, burst, jitter_ms, ..Pace::default() };
            let rules = Rules::new(&pace, &OwnPace::default(), &TimeZone::UTC);
            let mut pacer = Pacer::new(rules.clone(), Begun::first(rules.today(moment(0).wall)), moment(0));
            let mut run = Duration::ZERO;
            for (gap, chance) in gaps {
                run += Duration::from_millis(gap);
                let now = |run| Moment { run, ..moment(0) };
                let open = pacer.look(now(run)).err().unwrap_or_default();
                match pacer.ask(now(run), false, chance) {
                    Verdict::Wait(wait) => {
                        prop_assert!(wait <= open + Duration::from_millis(jitter_ms.into()), "{wait:?} beyond {open:?}");
                        let before = now(run + wait - Duration::from_micros(1));
                        prop_assert!(matches!(pacer.ask(before, false, 0), Verdict::Wait(_)), "not sooner");
                        run += wait;
                        prop_assert_eq!(pacer.ask(now(run), false, chance), Verdict::Go);
                    }
                    other => prop_assert_eq!(other, Verdict::Go),
                }
                pacer.wrote(now(run));
            }
        }

        #[test]
        fn a_backlog_goes_at_the_whole_rate_whatever_the_jitter(burst in 2u32..10, chances in prop::collection::vec(any::<u32>(), 200)) {
            let pace = Pace { per_minute: 60, burst, jitter_ms: 1_000, ..Pace::default() };
            let rules = Rules::new(&pace, &OwnPace::default(), &TimeZone::UTC);
            let mut pacer = Pacer::new(rules.clone(), Begun::first(rules.today(moment(0).wall)), moment(0));
            let mut run = Duration::ZERO;
            for chance in &chances {
                let now = |run| Moment { run, ..moment(0) };
                if let Verdict::Wait(wait) = pacer.ask(now(run), false, *chance) {
                    run += wait;
                }
                pacer.wrote(now(run));
            }
            prop_assert!(run <= Duration::from_secs(202), "{run:?}");
        }
    }
}
