//! How many sends of the report came to what, day by day.

use super::{PATIENCE, Report, Reported};
use crate::error::Problem;
use crate::phone::Phone;
use crate::report::{ExportForm, Progress, Subject, Tally, written};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The most sends that are counted for an answer; more become an export. Each is read, at half a read unit.
const MAX_COUNTED: u64 = 50_000;
/// How many sends are counted at a time.
pub(crate) const COUNTED_AT_ONCE: usize = 1_000;

/// A report's counts: its number, the first and the last second of its period, and those of [`Tally`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    #[serde(skip)]
    number: Phone,
    from_number: String,
    init_time: String,
    end_time: String,
    #[serde(flatten)]
    tally: Tally,
}

impl Summary {
    /// The counts of what a report is about.
    pub fn new(subject: &Subject, zone: &TimeZone, tally: Tally) -> Self {
        // The period ends before its `to`.
        let last = subject.period.to.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MIN);
        Self {
            number: subject.number.clone(),
            from_number: subject.number.to_string(),
            init_time: written(subject.period.from, zone),
            end_time: written(last, zone),
            tally,
        }
    }

    /// The number that it is about.
    pub fn number(&self) -> &Phone {
        &self.number
    }
}

impl Report {
    pub(super) async fn summary(&self, subject: Subject, zone: &TimeZone) -> Result<Reported, Problem> {
        let form = ExportForm::Summary;
        if let Some(export) = self.under_way(&subject, zone, form).await? {
            return Ok(Reported::Export(export));
        }
        let until = self.clock.now() + PATIENCE;
        let mut counted = Progress::default();
        loop {
            let page = self.history.statuses(&subject, counted.after.as_ref(), COUNTED_AT_ONCE).await?;
            for (accepted, status) in &page.statuses {
                counted.tally.add(*accepted, *status, zone);
            }
            counted.rows += page.statuses.len() as u64;
            counted.after = page.next;
            if page.next.is_none() {
                return Ok(Reported::Summary(Summary::new(&subject, zone, counted.tally)));
            }
            if counted.rows >= MAX_COUNTED || self.clock.now() >= until {
                // What was counted is not counted again.
                return Ok(Reported::Export(self.order(subject, zone, form, counted).await?));
            }
        }
    }
}
