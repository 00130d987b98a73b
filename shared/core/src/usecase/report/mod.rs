//! The report of sends: `GET /v2/reports/sends`. A page of it as JSON; all of it as CSV; or a summary of it. What is too much
//! for one answer is written in the background, as an export.

mod csv;
mod order;
mod page;
mod request;
mod summary;
#[cfg(test)]
mod tests;

pub use page::ReportPage;
pub use request::ReportRequest;
pub(crate) use summary::COUNTED_AT_ONCE;
pub use summary::Summary;

use crate::error::Problem;
use crate::media::FileName;
use crate::phone::Phone;
use crate::ports::{Clock, ExportQueue, Exports, SendHistory};
use crate::report::{CursorKeys, Export};
use crate::user::User;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use request::{Asked, Form};
use std::sync::Arc;

/// For how long a report that may be too much for one answer is read before it becomes an export.
const PATIENCE: SignedDuration = SignedDuration::from_secs(8);

/// Reports what became of a tenant's sends.
pub struct Report {
    history: Arc<dyn SendHistory>,
    exports: Arc<dyn Exports>,
    queue: Arc<dyn ExportQueue>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
}

/// What a report is answered with.
pub enum Reported {
    /// A part of it.
    Page(ReportPage),
    /// All of it, as CSV.
    Csv {
        /// The number that it is about.
        number: Phone,
        /// What the file is called.
        name: FileName,
        /// The file.
        text: Vec<u8>,
    },
    /// Its counts.
    Summary(Summary),
    /// It is written in the background.
    Export(Box<Export>),
}

impl Report {
    /// Wires it up. `zone` is where a date is a day, and what times are written in, for tenants without a zone of their own.
    pub fn new(
        history: Arc<dyn SendHistory>,
        exports: Arc<dyn Exports>,
        queue: Arc<dyn ExportQueue>,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
    ) -> Self {
        Self { history, exports, queue, clock, zone }
    }

    /// The tenant's sends from one number, whether it is still its worker or was once; a number that it never sent from has
    /// none. A page may hold fewer items than asked for while there are more: `next_cursor` tells.
    ///
    /// # Errors
    /// [`Code::MissingParameter`], [`Code::InvalidPhone`], [`Code::InvalidDate`], [`Code::InvalidPeriod`],
    /// [`Code::InvalidParameter`], [`Code::InvalidCursor`], [`Code::Unavailable`].
    ///
    /// [`Code::MissingParameter`]: crate::error::Code::MissingParameter
    /// [`Code::InvalidPhone`]: crate::error::Code::InvalidPhone
    /// [`Code::InvalidDate`]: crate::error::Code::InvalidDate
    /// [`Code::InvalidPeriod`]: crate::error::Code::InvalidPeriod
    /// [`Code::InvalidParameter`]: crate::error::Code::InvalidParameter
    /// [`Code::InvalidCursor`]: crate::error::Code::InvalidCursor
    /// [`Code::Unavailable`]: crate::error::Code::Unavailable
    pub async fn run(
        &self,
        user: &User,
        request: &ReportRequest,
        cursors: &CursorKeys,
    ) -> Result<Reported, Problem> {
        let zone = user.zone_or(&self.zone);
        let Asked { subject, form } = request.read(user.id, self.clock.now(), zone, cursors)?;
        match form {
            Form::Page { limit, after } => {
                Ok(Reported::Page(self.page(subject, zone, limit, after, cursors).await?))
            }
            Form::Csv(separator) => self.csv(subject, zone, separator).await,
            Form::Summary => self.summary(subject, zone).await,
        }
    }
}
