//! Carries operations out. Whatever happens to a run, the next one begins where this one last said it was.

use crate::ids::PrivacyId;
use crate::ports::{
    Accounts, Clock, Links, ObjectParts, Objects, PartsId, PersonalData, PrivacyOperations, PrivacyQueue,
    Unavailable,
};
use crate::privacy::{
    About, PrivacyFailure, PrivacyKind, PrivacyOperation, PrivacyScope, PrivacyState, PrivacyWork,
};
use crate::usecase::background::{self, Job, Outcome, Turn};
use crate::usecase::parts::PART;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// With the waits between them, two hours.
const ATTEMPTS: u32 = 14;

/// What carries operations out.
pub struct RunPrivacyPorts {
    /// Where operations are kept.
    pub operations: Arc<dyn PrivacyOperations>,
    /// What has them gone on with.
    pub queue: Arc<dyn PrivacyQueue>,
    /// What is kept.
    pub personal: Arc<dyn PersonalData>,
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Where the links of their numbers are.
    pub links: Arc<dyn Links>,
    /// What writes files.
    pub parts: Arc<dyn ObjectParts>,
    /// Where files are.
    pub objects: Arc<dyn Objects>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Carries operations out.
pub struct RunPrivacy {
    pub(super) ports: RunPrivacyPorts,
    pub(super) part: usize,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RanPrivacy {
    /// It is done: what it was, as it is kept.
    Done(Box<PrivacyOperation>),
    /// It goes on in another run.
    GoesOn,
    /// It failed for good.
    Failed(PrivacyFailure),
    /// There was nothing to do: it is over, or unknown.
    Nothing,
    /// Another run is at it.
    Busy,
    /// Something did not answer; it goes on later.
    Postponed(Unavailable),
}

/// Why a run ends before its work does.
pub(super) type Stop = background::Stop<PrivacyFailure>;

/// One run.
pub(super) struct Run<'a> {
    pub(super) on: &'a RunPrivacyPorts,
    pub(super) part: usize,
    pub(super) operation: PrivacyOperation,
    pub(super) work: PrivacyWork,
    began: Timestamp,
}

impl RunPrivacy {
    /// Wires it up.
    pub fn new(ports: RunPrivacyPorts) -> Self {
        Self { ports, part: PART }
    }

    /// Carries an operation out until it is done or the run's time is over; then, or when something does not answer for now, it
    /// is in the queue again.
    ///
    /// # Errors
    /// [`Unavailable`] when not even that could be done: the message must come again.
    pub async fn run(&self, id: PrivacyId) -> Result<RanPrivacy, Unavailable> {
        let Some(operation) = self.ports.operations.find(id).await? else {
            return Ok(RanPrivacy::Nothing);
        };
        let Some(work) = operation.work.clone().filter(|_| !operation.is_over()) else {
            return Ok(RanPrivacy::Nothing);
        };
        let began = self.ports.clock.now();
        let mut run = Run { on: &self.ports, part: self.part, operation, work, began };
        Ok(match background::run(&mut run, &*self.ports.clock).await? {
            Outcome::Done => RanPrivacy::Done(Box::new(run.operation)),
            Outcome::GoesOn => RanPrivacy::GoesOn,
            Outcome::Failed(failure) => RanPrivacy::Failed(failure),
            Outcome::Busy => RanPrivacy::Busy,
            Outcome::Postponed(error) => RanPrivacy::Postponed(error),
        })
    }
}

impl Job for Run<'_> {
    type Failure = PrivacyFailure;
    const GAVE_UP: PrivacyFailure = PrivacyFailure::GaveUp;
    const ATTEMPTS: u32 = ATTEMPTS;

    fn turn(&mut self) -> Turn<'_> {
        Turn { attempts: &mut self.operation.attempts, busy_until: &mut self.operation.busy_until }
    }

    fn begin(&mut self) {
        self.operation.state = PrivacyState::Processing;
    }

    async fn work(&mut self) -> Result<(), Stop> {
        let scope = self.scope().await?;
        match self.operation.kind {
            PrivacyKind::Export => self.export(&scope).await,
            PrivacyKind::Erase => self.erase(&scope).await,
        }
    }

    fn finish(&mut self, now: Timestamp) {
        self.operation.end(PrivacyState::Ready, now);
    }

    fn fail(&mut self, failure: PrivacyFailure, now: Timestamp) {
        self.operation.end(PrivacyState::Failed(failure), now);
    }

    fn restarts(&self) -> u32 {
        self.work.restarts
    }

    fn restart(&mut self) {
        let (scope, restarts) = (self.work.scope.take(), self.work.restarts + 1);
        self.work = PrivacyWork { scope, restarts, ..self.work.about.clone().into() };
        self.operation.counts.clear();
    }

    async fn give_up_parts(&mut self) -> Result<(), Unavailable> {
        match (self.work.upload.take(), self.operation.object()) {
            (Some(upload), Some(object)) => self.on.parts.abort(&object, &PartsId::from_stored(upload)).await,
            _ => Ok(()),
        }
    }

    async fn put(&mut self) -> Result<bool, Unavailable> {
        // What it needs to go on goes when it is over.
        if !self.operation.is_over() {
            self.operation.work = Some(self.work.clone());
        }
        self.on.operations.save(&mut self.operation).await
    }

    async fn push(&self, delay: Duration) -> Result<(), Unavailable> {
        self.on.queue.push(self.operation.id, delay).await
    }
}

impl Run<'_> {
    /// What it goes through, found out once.
    async fn scope(&mut self) -> Result<PrivacyScope, Stop> {
        if let Some(scope) = &self.work.scope {
            return Ok(scope.clone());
        }
        let Some(user) = self.operation.user else { return Err(Stop::Failed(PrivacyFailure::GaveUp)) };
        let (workers, numbers) = self.on.personal.numbers(user).await?;
        let person = match &self.work.about {
            About::Person(phone) => Some(self.on.personal.names(&workers, phone).await?),
            About::Tenant => None,
        };
        let scope = PrivacyScope { user, workers, numbers, person };
        self.work.scope = Some(scope.clone());
        self.save().await?;
        Ok(scope)
    }

    /// Stores that it got further.
    pub(super) async fn save(&mut self) -> Result<(), Stop> {
        background::store(self).await
    }

    /// Whether the run has worked for as long as it should.
    pub(super) fn is_over(&self) -> bool {
        background::is_over(self.began, SignedDuration::ZERO, &*self.on.clock)
    }
}
