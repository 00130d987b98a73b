//! The report of sends: `GET /v2/reports/sends`.

#[cfg(test)]
mod tests;

use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::phone::Phone;
use crate::ports::{Clock, PageKey, Sends};
use crate::report::{Cursor, CursorKey, Item, Moment, Period};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// How many sends are asked of the store at a time: the most that it gives.
const PAGE: usize = 100;
/// At most how many bytes of items an answer holds. A Lambda function answers 6 MB at most, and a text may take 400 KB of it.
const MAX_BYTES: usize = 4_000_000;

/// Reports what became of a tenant's sends.
pub struct Report {
    sends: Arc<dyn Sends>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    key: CursorKey,
}

/// What a client asks of the report, as text.
#[derive(Debug, Clone, Default)]
pub struct ReportRequest {
    /// The number that was sent from. Required.
    pub from_number: Option<String>,
    /// Where the period begins; see [`Period::new`] for what holds without it.
    pub init_time: Option<String>,
    /// Where the period ends.
    pub end_time: Option<String>,
    /// How many items to answer at most: 1 to 1,000; 100 when it is not said.
    pub limit: Option<String>,
    /// `next_cursor` of the answer before.
    pub cursor: Option<String>,
}

/// A part of a report, oldest sends first.
pub struct Reported {
    /// The number that the report is about.
    pub number: Phone,
    /// The sends.
    pub items: Vec<Item>,
    /// What to ask with for the next part; none after the last.
    pub next_cursor: Option<String>,
}

impl ReportRequest {
    /// How many items are answered when the client does not say.
    pub const DEFAULT_LIMIT: usize = 100;
    /// The most items that are answered.
    pub const MAX_LIMIT: usize = 1_000;
}

impl Report {
    /// Wires it up. `zone` is where a date is a day, and what times are written in.
    pub fn new(sends: Arc<dyn Sends>, clock: Arc<dyn Clock>, zone: TimeZone, key: CursorKey) -> Self {
        Self { sends, clock, zone, key }
    }

    /// The tenant's sends from one number, whether it is still its worker or was once; a number that it never sent from has
    /// none. An answer may hold fewer items than asked for while there are more: `next_cursor` tells.
    ///
    /// # Errors
    /// [`Code::MissingParameter`], [`Code::InvalidPhone`], [`Code::InvalidDate`], [`Code::InvalidPeriod`],
    /// [`Code::InvalidParameter`] for the limit, [`Code::InvalidCursor`], [`Code::Unavailable`].
    pub async fn run(&self, user: UserId, request: &ReportRequest) -> Result<Reported, Problem> {
        let number = number(request)?;
        let limit = limit(request)?;
        let (period, mut after) = self.range(user, &number, request)?;
        let mut items: Vec<Item> = Vec::new();
        let mut bytes = 0;
        loop {
            let asked = PAGE.min(limit - items.len());
            let page = self.sends.page(user, &number, period.from, period.to, after.as_ref(), asked).await?;
            for send in &page.sends {
                let item = Item::new(send, &self.zone);
                bytes += item.json_size();
                if bytes > MAX_BYTES && !items.is_empty() {
                    return Ok(self.part(user, number, period, items, after));
                }
                after = Some(PageKey { queued_at: send.queued_at, id: send.id });
                items.push(item);
            }
            let Some(next) = page.next else {
                return Ok(self.part(user, number, period, items, None));
            };
            after = Some(next);
            if items.len() >= limit {
                return Ok(self.part(user, number, period, items, after));
            }
        }
    }

    fn part(
        &self,
        user: UserId,
        number: Phone,
        period: Period,
        items: Vec<Item>,
        after: Option<PageKey>,
    ) -> Reported {
        let next_cursor = after.map(|after| self.key.seal(&Cursor { period, after }, user, &number));
        Reported { number, items, next_cursor }
    }

    /// The period, and where in it to go on. Dates given along with a cursor must be those of its report.
    fn range(
        &self,
        user: UserId,
        number: &Phone,
        request: &ReportRequest,
    ) -> Result<(Period, Option<PageKey>), Problem> {
        let init = moment("init_time", request.init_time.as_deref())?;
        let end = moment("end_time", request.end_time.as_deref())?;
        let period = Period::new(init, end, self.clock.now(), &self.zone);
        let Some(text) = &request.cursor else {
            return Ok((period.map_err(|_| Code::InvalidPeriod)?, None));
        };
        let cursor = self.key.open(text, user, number).map_err(|_| Code::InvalidCursor)?;
        let same = period.is_ok_and(|period| {
            (init.is_none() || period.from == cursor.period.from)
                && (end.is_none() || period.to == cursor.period.to)
        });
        if !same {
            return Err(
                Problem::new(Code::InvalidCursor).because("O cursor é de um relatório de outro período.")
            );
        }
        Ok((cursor.period, Some(cursor.after)))
    }
}

fn number(request: &ReportRequest) -> Result<Phone, Problem> {
    let Some(text) = &request.from_number else {
        return Err(Problem::new(Code::MissingParameter).because("O parâmetro from_number é obrigatório."));
    };
    text.parse().map_err(|_| {
        Problem::new(Code::InvalidPhone).because(format!("from_number: {}", Code::InvalidPhone.remedy()))
    })
}

fn moment(name: &'static str, text: Option<&str>) -> Result<Option<Moment>, Problem> {
    let read = |text: &str| {
        text.parse().map_err(|_| {
            Problem::new(Code::InvalidDate).because(format!("{name}: {}", Code::InvalidDate.remedy()))
        })
    };
    text.map(read).transpose()
}

fn limit(request: &ReportRequest) -> Result<usize, Problem> {
    let Some(text) = &request.limit else { return Ok(ReportRequest::DEFAULT_LIMIT) };
    match text.parse() {
        Ok(limit) if (1..=ReportRequest::MAX_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(Problem::new(Code::InvalidParameter).because("limit: envie um número de 1 a 1000.")),
    }
}
