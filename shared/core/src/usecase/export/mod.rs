//! Writes reports in the background, run by run: a run takes an export out of the queue, goes on where the last one was, and
//! puts it back in the queue when its time is over. Whatever happens to a run, the next one begins where the last part was
//! stored, so each send is in the file once.

mod csv;
mod find;
mod summary;
#[cfg(test)]
mod tests;

pub use find::FindExport;

use super::background::{self, Job, Outcome, Turn};
use super::parts::PART;
use crate::ids::ExportId;
use crate::ports::{Clock, ExportQueue, Exports, ObjectParts, Objects, SendHistory, Unavailable};
use crate::report::{Export, ExportFailure, ExportForm, ExportState, Progress};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How much longer it may take to finish the part that it is at.
const GRACE: SignedDuration = SignedDuration::from_secs(60);
/// How many runs may fail one after another before the export does. With the waits between them, half an hour.
const ATTEMPTS: u32 = 8;

/// Writes exports.
pub struct WriteExport {
    history: Arc<dyn SendHistory>,
    exports: Arc<dyn Exports>,
    queue: Arc<dyn ExportQueue>,
    parts: Arc<dyn ObjectParts>,
    objects: Arc<dyn Objects>,
    clock: Arc<dyn Clock>,
    part: usize,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// The file is there. It has this many rows.
    Ready(u64),
    /// This many rows are written; it goes on in another run.
    GoesOn(u64),
    /// It failed for good.
    Failed(ExportFailure),
    /// There was nothing to do: it is over, or unknown.
    Nothing,
    /// Another run is at it.
    Busy,
    /// Something did not answer; it goes on later.
    Postponed(Unavailable),
}

/// Why a run ends before its work does.
type Stop = background::Stop<ExportFailure>;

/// One run.
struct Run<'a> {
    on: &'a WriteExport,
    export: Export,
    began: Timestamp,
}

impl WriteExport {
    /// Wires it up.
    pub fn new(
        history: Arc<dyn SendHistory>,
        exports: Arc<dyn Exports>,
        queue: Arc<dyn ExportQueue>,
        parts: Arc<dyn ObjectParts>,
        objects: Arc<dyn Objects>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { history, exports, queue, parts, objects, clock, part: PART }
    }

    /// Writes parts of that many bytes, so that a test needs fewer rows.
    #[cfg(test)]
    pub(crate) fn with_parts_of(self, part: usize) -> Self {
        Self { part, ..self }
    }

    /// Writes an export until it is done or the run's time is over; then, or when something does not answer for now, it is
    /// in the queue again.
    ///
    /// # Errors
    /// [`Unavailable`] when not even that could be done: the message must come again.
    pub async fn run(&self, id: ExportId) -> Result<Ran, Unavailable> {
        let Some(export) = self.exports.find(id).await? else { return Ok(Ran::Nothing) };
        if export.is_over() {
            return Ok(Ran::Nothing);
        }
        let mut run = Run { on: self, export, began: self.clock.now() };
        let outcome = background::run(&mut run, &*self.clock).await?;
        let rows = run.export.progress.rows;
        Ok(match outcome {
            Outcome::Done => Ran::Ready(rows),
            Outcome::GoesOn => Ran::GoesOn(rows),
            Outcome::Failed(failure) => Ran::Failed(failure),
            Outcome::Busy => Ran::Busy,
            Outcome::Postponed(error) => Ran::Postponed(error),
        })
    }
}

impl Job for Run<'_> {
    type Failure = ExportFailure;
    const GAVE_UP: ExportFailure = ExportFailure::GaveUp;
    const ATTEMPTS: u32 = ATTEMPTS;

    fn turn(&mut self) -> Turn<'_> {
        Turn { attempts: &mut self.export.attempts, busy_until: &mut self.export.busy_until }
    }

    fn begin(&mut self) {
        self.export.state = ExportState::Processing;
    }

    async fn work(&mut self) -> Result<(), Stop> {
        match self.export.form {
            ExportForm::Csv(separator) => self.write_csv(separator).await,
            ExportForm::Summary => self.write_summary().await,
        }
    }

    fn finish(&mut self, _: Timestamp) {
        self.export.state = ExportState::Ready;
        self.forget_progress();
    }

    fn fail(&mut self, failure: ExportFailure, _: Timestamp) {
        self.export.state = ExportState::Failed(failure);
        self.forget_progress();
    }

    fn restarts(&self) -> u32 {
        self.export.restarts
    }

    fn restart(&mut self) {
        self.export.restarts += 1;
        self.export.progress = Progress::default();
    }

    async fn give_up_parts(&mut self) -> Result<(), Unavailable> {
        match self.export.progress.upload.take() {
            Some(upload) => self.on.parts.abort(&self.export.object(), &upload).await,
            None => Ok(()),
        }
    }

    async fn put(&mut self) -> Result<bool, Unavailable> {
        self.on.exports.save(&mut self.export).await
    }

    async fn push(&self, delay: Duration) -> Result<(), Unavailable> {
        self.on.queue.push(self.export.id, delay).await
    }
}

impl Run<'_> {
    /// What is over needs nothing to go on with.
    fn forget_progress(&mut self) {
        self.export.progress = Progress { rows: self.export.progress.rows, ..Progress::default() };
    }

    /// Stores that the export got further.
    async fn save(&mut self) -> Result<(), Stop> {
        background::store(self).await
    }

    /// Whether the run has worked for as long as it should and `grace` more.
    fn is_over(&self, grace: SignedDuration) -> bool {
        background::is_over(self.began, grace, &*self.on.clock)
    }
}
