//! Writes reports in the background, run by run: a run takes an export out of the queue, goes on where the last one was, and
//! puts it back in the queue when its time is over. Whatever happens to a run, the next one begins where the last part was
//! stored, so each send is in the file once.

mod csv;
mod find;
mod summary;
#[cfg(test)]
mod tests;

pub use find::FindExport;

use super::doubling::doubling;
use crate::ids::ExportId;
use crate::ports::{Clock, ExportQueue, Exports, ObjectParts, Objects, PartsError, SendHistory, Unavailable};
use crate::report::{Export, ExportFailure, ExportForm, ExportState, Progress};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// For how long a run works before it hands over to the next.
const RUN: SignedDuration = SignedDuration::from_secs(180);
/// How much longer it may take to finish the part that it is at.
const GRACE: SignedDuration = SignedDuration::from_secs(60);
/// How long a run can last at most: the function's timeout of 300 s, and a little. Until then no other run begins.
const LEASE: SignedDuration = SignedDuration::from_secs(310);
/// How many runs may fail one after another before the export does. With the waits between them, half an hour.
const ATTEMPTS: u32 = 8;
/// How often an export is begun anew whose parts were lost.
const RESTARTS: u32 = 3;
/// How long the first run after a failed one waits; each further one twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// SQS delays a message by 15 minutes at most.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

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
enum Stop {
    /// Its time is over.
    Time,
    /// Another run has taken it over.
    Lost,
    /// The parts are gone.
    Gone,
    /// It cannot be written.
    Failed(ExportFailure),
    /// Something did not answer.
    Unavailable(Unavailable),
}

impl From<Unavailable> for Stop {
    fn from(error: Unavailable) -> Self {
        Stop::Unavailable(error)
    }
}

impl From<PartsError> for Stop {
    fn from(error: PartsError) -> Self {
        match error {
            PartsError::Gone => Stop::Gone,
            PartsError::Unavailable(error) => Stop::Unavailable(error),
        }
    }
}

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
        Self { history, exports, queue, parts, objects, clock, part: csv::PART }
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
        let Some(mut export) = self.exports.find(id).await? else { return Ok(Ran::Nothing) };
        let began = self.clock.now();
        if export.is_over() {
            return Ok(Ran::Nothing);
        }
        if export.busy_until.is_some_and(|until| began < until) {
            return Ok(Ran::Busy);
        }
        export.attempts += 1;
        export.state = ExportState::Processing;
        export.busy_until = Some(began + LEASE);
        if !self.exports.save(&mut export).await? {
            return Ok(Ran::Busy);
        }
        let mut run = Run { on: self, export, began };
        let stop = match run.work().await {
            Ok(()) => return Ok(Ran::Ready(run.export.progress.rows)),
            Err(stop) => stop,
        };
        run.end(stop).await
    }
}

impl Run<'_> {
    async fn work(&mut self) -> Result<(), Stop> {
        if self.export.attempts > ATTEMPTS {
            return Err(Stop::Failed(ExportFailure::GaveUp));
        }
        match self.export.form {
            ExportForm::Csv(separator) => self.write_csv(separator).await?,
            ExportForm::Summary => self.write_summary().await?,
        }
        self.export.state = ExportState::Ready;
        self.export.busy_until = None;
        self.export.progress = Progress { rows: self.export.progress.rows, ..Progress::default() };
        self.save().await
    }

    /// Hands an export on, or ends it.
    async fn end(mut self, stop: Stop) -> Result<Ran, Unavailable> {
        let (delay, ran) = match stop {
            Stop::Lost => return Ok(Ran::Busy),
            Stop::Failed(failure) => return self.fail(failure).await,
            Stop::Gone if self.export.restarts == RESTARTS => return self.fail(ExportFailure::GaveUp).await,
            Stop::Gone => {
                self.give_up_parts().await?;
                self.export.restarts += 1;
                self.export.progress = Progress::default();
                (FIRST_WAIT, Ran::GoesOn(0))
            }
            Stop::Time => (Duration::ZERO, Ran::GoesOn(self.export.progress.rows)),
            Stop::Unavailable(error) => {
                (doubling(FIRST_WAIT, self.export.attempts, LONGEST_WAIT), Ran::Postponed(error))
            }
        };
        self.export.busy_until = None;
        if !self.on.exports.save(&mut self.export).await? {
            return Ok(Ran::Busy);
        }
        // Should this one not be heard, the message that began this run comes again.
        self.on.queue.push(self.export.id, delay).await?;
        Ok(ran)
    }

    async fn fail(mut self, failure: ExportFailure) -> Result<Ran, Unavailable> {
        self.give_up_parts().await?;
        self.export.state = ExportState::Failed(failure);
        self.export.busy_until = None;
        self.export.progress = Progress { rows: self.export.progress.rows, ..Progress::default() };
        self.on.exports.save(&mut self.export).await?;
        Ok(Ran::Failed(failure))
    }

    async fn give_up_parts(&mut self) -> Result<(), Unavailable> {
        match self.export.progress.upload.take() {
            Some(upload) => self.on.parts.abort(&self.export.object(), &upload).await,
            None => Ok(()),
        }
    }

    /// Stores that the export got further.
    async fn save(&mut self) -> Result<(), Stop> {
        match self.on.exports.save(&mut self.export).await? {
            true => Ok(()),
            false => Err(Stop::Lost),
        }
    }

    /// Whether the run has worked for as long as it should and `grace` more.
    fn is_over(&self, grace: SignedDuration) -> bool {
        self.on.clock.now() >= self.began + RUN + grace
    }
}
