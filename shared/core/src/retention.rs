//! For how long what a tenant did is kept: one rule for its sends, its chats with their messages, and what is made of them.

use crate::plan::Retention;
use crate::send::{HORIZON, LONGEST_LIFETIME};
use crate::webhook::Delivery;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long after its time to be sent is over a send is kept at least: a sweep has to end it, and its client to read how it ended.
const AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(24);

/// For how many days what a tenant did is kept: 7 to 1,825 (five years), 400 unless its plan says otherwise, so that a report of a
/// year can be read. A tenant may choose fewer days than its plan has, never more.
///
/// The fewest are a week, since that is how long a send may wait ([`LONGEST_LIFETIME`]) and how long the log of deliveries and the
/// files of reports are kept anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct RetentionDays(u16);

/// What was given is no number of days for which something may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("data is kept for 7 to 1,825 days")]
pub struct InvalidRetentionDays;

// What is kept for a fixed time is never kept for longer than a tenant's least.
const _: () = assert!(Delivery::KEPT.as_hours() <= RetentionDays::MIN.length().as_hours());
const _: () = assert!(LONGEST_LIFETIME.as_hours() <= RetentionDays::MIN.length().as_hours());

impl RetentionDays {
    /// The fewest days.
    pub const MIN: RetentionDays = RetentionDays(7);
    /// The most days.
    pub const MAX: RetentionDays = RetentionDays(1_825);
    /// After so long nothing that is accepted now is kept any more, whatever was chosen: a send may be scheduled for a time
    /// ahead, and a bulk operation lasts for weeks.
    pub const LONGEST: SignedDuration =
        SignedDuration::from_hours(RetentionDays::MAX.length().as_hours() + HORIZON.as_hours() + 60 * 24);

    /// The days.
    pub const fn days(self) -> u16 {
        self.0
    }

    /// As a length of time.
    pub const fn length(self) -> SignedDuration {
        SignedDuration::from_hours(24 * self.0 as i64)
    }

    /// These days, or those that the tenant chose where they are fewer.
    #[must_use]
    pub fn narrowed_by(self, chosen: Option<RetentionDays>) -> Self {
        chosen.map_or(self, |chosen| chosen.min(self))
    }

    /// When something that is of `time` is forgotten: a whole second, not before its days are over.
    pub fn end_of(self, time: Timestamp) -> Timestamp {
        let end = time.saturating_add(self.length()).unwrap_or(Timestamp::MAX);
        let second = end.as_second().saturating_add(i64::from(end.subsec_nanosecond() > 0));
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    /// Whether what is of `time` is to be forgotten already, and so is never stored.
    pub fn is_over(self, time: Timestamp, now: Timestamp) -> bool {
        self.end_of(time) <= now
    }

    /// When a send is forgotten that begins, or whose bulk operation ends, at `begins_at`: not while it may still be sent, nor in
    /// the day after.
    pub fn end_of_send(self, begins_at: Timestamp, expires_at: Timestamp) -> Timestamp {
        let at_least = expires_at.saturating_add(AFTER_EXPIRY).unwrap_or(Timestamp::MAX);
        self.end_of(begins_at).max(next_second(at_least))
    }

    /// For how long received files are kept under a plan that keeps them for `files`: never for longer than their messages.
    pub fn of_files(self, files: Retention) -> Retention {
        let fits = |days: &u16| *days <= files.days() && *days <= self.0;
        let days = Retention::DAYS.into_iter().filter(fits).max();
        days.and_then(|days| days.try_into().ok()).unwrap_or(files)
    }
}

/// The whole second after a time: DynamoDB takes no other for the end of an item.
pub(crate) fn next_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second().saturating_add(1)).unwrap_or(Timestamp::MAX)
}

impl Default for RetentionDays {
    fn default() -> Self {
        Self(400)
    }
}

impl TryFrom<u16> for RetentionDays {
    type Error = InvalidRetentionDays;

    fn try_from(days: u16) -> Result<Self, InvalidRetentionDays> {
        if (Self::MIN.0..=Self::MAX.0).contains(&days) { Ok(Self(days)) } else { Err(InvalidRetentionDays) }
    }
}

impl From<RetentionDays> for u16 {
    fn from(days: RetentionDays) -> u16 {
        days.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn days(days: u16) -> RetentionDays {
        days.try_into().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn days_have_bounds() {
        for bad in [0, 1, 6, 1_826, u16::MAX] {
            assert_eq!(RetentionDays::try_from(bad), Err(InvalidRetentionDays), "{bad}");
        }
        assert_eq!((days(7), days(1_825)), (RetentionDays::MIN, RetentionDays::MAX));
        assert_eq!(RetentionDays::default().days(), 400);
        assert!(serde_json::from_str::<RetentionDays>("6").is_err());
        assert_eq!(serde_json::from_str::<RetentionDays>("30").unwrap(), days(30));
    }

    #[test]
    fn a_tenant_may_only_choose_fewer() {
        assert_eq!(days(90).narrowed_by(None), days(90));
        assert_eq!(days(90).narrowed_by(Some(days(30))), days(30));
        assert_eq!(days(90).narrowed_by(Some(days(400))), days(90), "its plan became smaller");
    }

    #[test]
    fn files_go_no_later_than_their_messages() {
        let files = |days: u16| Retention::try_from(days).unwrap();
        for (data, plan, kept) in
            [(400, 365, 365), (400, 30, 30), (364, 365, 90), (90, 365, 90), (7, 365, 7), (7, 1, 1)]
        {
            assert_eq!(days(data).of_files(files(plan)), files(kept), "{data} {plan}");
        }
    }

    #[test]
    fn a_send_stays_while_it_may_be_sent() {
        let day = 24 * 60 * 60;
        let week = RetentionDays::MIN;
        assert_eq!(week.end_of_send(at(0), at(day)), at(7 * day));
        assert_eq!(week.end_of_send(at(0), at(7 * day)), at(8 * day + 1), "it may be sent for a week");
        assert_eq!(RetentionDays::MAX.end_of_send(Timestamp::MAX, Timestamp::MAX), Timestamp::MAX);
    }

    proptest! {
        #[test]
        fn an_end_is_a_whole_second_and_never_early(chosen in 7u16..=1_825, micros in 0i64..4_000_000_000_000_000) {
            let (days, time) = (days(chosen), Timestamp::from_microsecond(micros).unwrap());
            let end = days.end_of(time);
            let late = end.duration_since(time) - days.length();
            prop_assert!(!late.is_negative() && late < SignedDuration::from_secs(1));
            prop_assert_eq!(end.subsec_nanosecond(), 0);
            prop_assert!(days.is_over(time, end));
            prop_assert!(!days.is_over(time, end - SignedDuration::from_nanos(1)));
        }
    }
}
