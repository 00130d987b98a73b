//! All of the report, as CSV.

use super::page::{MAX_BYTES, PAGE};
use super::{PATIENCE, Report, Reported};
use crate::error::Problem;
use crate::report::{CsvText, ExportForm, Item, Progress, Separator, Subject};
use jiff::tz::TimeZone;

/// The most rows of an answer; more become an export.
const MAX_ROWS: usize = 5_000;

impl Report {
    pub(super) async fn csv(
        &self,
        subject: Subject,
        zone: &TimeZone,
        separator: Separator,
    ) -> Result<Reported, Problem> {
        let form = ExportForm::Csv(separator);
        if let Some(export) = self.under_way(&subject, zone, form).await? {
            return Ok(Reported::Export(export));
        }
        let until = self.clock.now() + PATIENCE;
        let mut text = CsvText::with_header(separator);
        let (mut rows, mut bytes) = (0, text.len());
        let mut after = None;
        loop {
            let page = self.history.page(&subject, after.as_ref(), PAGE).await?;
            rows += page.sends.len();
            for send in &page.sends {
                bytes += text.push(&Item::new(send, zone));
            }
            if rows > MAX_ROWS || bytes > MAX_BYTES {
                break;
            }
            after = page.next;
            if after.is_none() {
                let name = form.file_name(&subject);
                return Ok(Reported::Csv { number: subject.number, name, text: text.take() });
            }
            if self.clock.now() >= until {
                break;
            }
        }
        Ok(Reported::Export(self.order(subject, zone, form, Progress::default()).await?))
    }
}
