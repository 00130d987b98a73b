//! A page of the report, as JSON.

use super::Report;
use crate::error::Problem;
use crate::phone::Phone;
use crate::ports::PageKey;
use crate::report::{Cursor, CursorKeys, Item, Subject};
use jiff::tz::TimeZone;

/// How many sends are asked of the store at a time: with the longest texts, 26 MB.
pub(super) const PAGE: usize = 100;
/// At most how many bytes of items an answer holds. A Lambda function answers 6 MB at most, and a text may take 400 KB of it.
pub(super) const MAX_BYTES: usize = 4_000_000;

/// A part of a report, oldest sends first.
pub struct ReportPage {
    /// The number that the report is about.
    pub number: Phone,
    /// The sends.
    pub items: Vec<Item>,
    /// What to ask with for the next part; none after the last.
    pub next_cursor: Option<String>,
}

impl Report {
    pub(super) async fn page(
        &self,
        subject: Subject,
        zone: &TimeZone,
        limit: usize,
        mut after: Option<PageKey>,
        cursors: &CursorKeys,
    ) -> Result<ReportPage, Problem> {
        let mut items: Vec<Item> = Vec::new();
        let mut bytes = 0;
        loop {
            let asked = PAGE.min(limit - items.len());
            let page = self.history.page(&subject, after.as_ref(), asked).await?;
            for send in &page.sends {
                let item = Item::new(send, zone);
                bytes += item.json_size();
                if bytes > MAX_BYTES && !items.is_empty() {
                    return Ok(part(subject, items, after, cursors));
                }
                after = Some(PageKey::of(send));
                items.push(item);
            }
            after = page.next;
            if after.is_none() || items.len() >= limit {
                return Ok(part(subject, items, after, cursors));
            }
        }
    }
}

fn part(subject: Subject, items: Vec<Item>, after: Option<PageKey>, cursors: &CursorKeys) -> ReportPage {
    let cursor = |after| Cursor { period: subject.period, after };
    let next_cursor = after.map(|after| cursors.seal(&cursor(after), subject.user, &subject.number));
    ReportPage { number: subject.number, items, next_cursor }
}
