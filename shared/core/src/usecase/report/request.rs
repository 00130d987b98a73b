//! What a client asks of the report.

use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::phone::Phone;
use crate::ports::PageKey;
use crate::report::{CursorKeys, Moment, Period, Separator, Subject};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What a client asks of the report, as text. A blank parameter is as good as none, but for the number.
#[derive(Debug, Clone, Default)]
pub struct ReportRequest {
    /// The number that was sent from. Required.
    pub from_number: Option<String>,
    /// Where the period begins; see [`Period::new`] for what holds without it.
    pub init_time: Option<String>,
    /// Where the period ends.
    pub end_time: Option<String>,
    /// How many items to answer at most: 1 to 1,000; 100 when it is not said. For `json` only.
    pub limit: Option<String>,
    /// `next_cursor` of the answer before. For `json` only.
    pub cursor: Option<String>,
    /// `json`, which it is when it is not said, or `csv`.
    pub format: Option<String>,
    /// For `csv` only: `semicolon`, which it is when it is not said, or `comma`.
    pub separator: Option<String>,
    /// `true` for counts instead of sends.
    pub summary: Option<String>,
}

/// A request that was understood.
pub(super) struct Asked {
    pub(super) subject: Subject,
    pub(super) form: Form,
}

/// What is to be answered.
pub(super) enum Form {
    Page { limit: usize, after: Option<PageKey> },
    Csv(Separator),
    Summary,
}

impl ReportRequest {
    /// How many items are answered when the client does not say.
    pub const DEFAULT_LIMIT: usize = 100;
    /// The most items that are answered.
    pub const MAX_LIMIT: usize = 1_000;

    pub(super) fn read(
        &self,
        user: UserId,
        now: Timestamp,
        zone: &TimeZone,
        cursors: &CursorKeys,
    ) -> Result<Asked, Problem> {
        let number = self.number()?;
        let init = moment("init_time", &self.init_time)?;
        let end = moment("end_time", &self.end_time)?;
        let period = Period::new(init, end, now, zone);
        let form = self.form()?;
        let Some(text) = given(&self.cursor) else {
            let period = period.map_err(|_| Code::InvalidPeriod)?;
            return Ok(Asked { subject: Subject { user, number, period }, form });
        };
        let Form::Page { limit, .. } = form else {
            return Err(invalid("O parâmetro cursor só vale para o relatório em páginas, em json."));
        };
        let cursor = cursors.open(text, user, &number).map_err(|_| Code::InvalidCursor)?;
        // Dates that come along with a cursor must be those of its report.
        let same = period.is_ok_and(|period| {
            (init.is_none() || period.from == cursor.period.from)
                && (end.is_none() || period.to == cursor.period.to)
        });
        if !same {
            return Err(
                Problem::new(Code::InvalidCursor).because("O cursor é de um relatório de outro período.")
            );
        }
        let form = Form::Page { limit, after: Some(cursor.after) };
        Ok(Asked { subject: Subject { user, number, period: cursor.period }, form })
    }

    fn number(&self) -> Result<Phone, Problem> {
        let Some(text) = &self.from_number else {
            return Err(
                Problem::new(Code::MissingParameter).because("O parâmetro from_number é obrigatório.")
            );
        };
        text.parse().map_err(|_| {
            Problem::new(Code::InvalidPhone).because(format!("from_number: {}", Code::InvalidPhone.remedy()))
        })
    }

    fn form(&self) -> Result<Form, Problem> {
        let csv = match given(&self.format) {
            None | Some("json") => false,
            Some("csv") => true,
            Some(_) => return Err(invalid("format: envie json ou csv.")),
        };
        let summary = match given(&self.summary) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(invalid("summary: envie true ou false.")),
        };
        let separator = given(&self.separator).map(|text| {
            text.parse::<Separator>().map_err(|_| invalid("separator: envie semicolon ou comma."))
        });
        let separator = separator.transpose()?;
        if separator.is_some() && !csv {
            return Err(invalid("O parâmetro separator só vale com format=csv."));
        }
        let limit = self.limit()?;
        if limit.is_some() && (csv || summary) {
            return Err(invalid("O parâmetro limit só vale para o relatório em páginas, em json."));
        }
        match (csv, summary) {
            (true, true) => Err(invalid("O resumo (summary=true) não tem a forma csv.")),
            (true, false) => Ok(Form::Csv(separator.unwrap_or_default())),
            (false, true) => Ok(Form::Summary),
            (false, false) => Ok(Form::Page { limit: limit.unwrap_or(Self::DEFAULT_LIMIT), after: None }),
        }
    }

    fn limit(&self) -> Result<Option<usize>, Problem> {
        let read = |text: &str| match text.parse() {
            Ok(limit) if (1..=Self::MAX_LIMIT).contains(&limit) => Ok(limit),
            _ => Err(invalid("limit: envie um número de 1 a 1000.")),
        };
        given(&self.limit).map(read).transpose()
    }
}

/// A parameter that was filled in: clients send the empty fields of their forms too.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.trim().is_empty())
}

fn moment(name: &'static str, text: &Option<String>) -> Result<Option<Moment>, Problem> {
    let read = |text: &str| {
        text.parse().map_err(|_| {
            Problem::new(Code::InvalidDate).because(format!("{name}: {}", Code::InvalidDate.remedy()))
        })
    };
    given(text).map(read).transpose()
}

fn invalid(detail: &'static str) -> Problem {
    Problem::new(Code::InvalidParameter).because(detail)
}
