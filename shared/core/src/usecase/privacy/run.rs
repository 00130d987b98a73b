//! Carries operations out. Whatever happens to a run, the next one begins where this one last said it was.

use crate::ids::PrivacyId;
use crate::ports::{
    Accounts, Clock, Links, ObjectParts, Objects, PartsError, PersonalData, PrivacyOperations, PrivacyQueue,
    Unavailable,
};
use crate::privacy::{
    About, PrivacyFailure, PrivacyKind, PrivacyOperation, PrivacyScope, PrivacyState, PrivacyWork,
};
use crate::usecase::doubling::doubling;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// For how long a run works before it hands over to the next.
const RUN: SignedDuration = SignedDuration::from_secs(180);
/// How long a run can last at most: the function's timeout of 300 s, and a little. Until then no other run begins.
const LEASE: SignedDuration = SignedDuration::from_secs(310);
/// How many runs may fail one after another before the operation does. With the waits between them, two hours.
const ATTEMPTS: u32 = 14;
/// How often an export is begun anew whose parts were lost.
const RESTARTS: u32 = 3;
/// How long the first run after a failed one waits; each further one twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// SQS delays a message by 15 minutes at most.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

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
pub(super) enum Stop {
    /// Its time is over.
    Time,
    /// It waits for something to come about.
    Wait(Duration),
    /// Another run has taken it over.
    Lost,
    /// The parts of its file are gone.
    Gone,
    /// It comes to no end.
    Failed(PrivacyFailure),
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
        Self { ports, part: super::export::PART }
    }

    /// Carries an operation out until it is done or the run's time is over; then, or when something does not answer for now, it
    /// is in the queue again.
    ///
    /// # Errors
    /// [`Unavailable`] when not even that could be done: the message must come again.
    pub async fn run(&self, id: PrivacyId) -> Result<RanPrivacy, Unavailable> {
        let Some(mut operation) = self.ports.operations.find(id).await? else {
            return Ok(RanPrivacy::Nothing);
        };
        let began = self.ports.clock.now();
        let Some(work) = operation.work.clone().filter(|_| !operation.is_over()) else {
            return Ok(RanPrivacy::Nothing);
        };
        if operation.busy_until.is_some_and(|until| began < until) {
            return Ok(RanPrivacy::Busy);
        }
        operation.attempts += 1;
        operation.state = PrivacyState::Processing;
        operation.busy_until = Some(began + LEASE);
        if !self.ports.operations.save(&mut operation).await? {
            return Ok(RanPrivacy::Busy);
        }
        let mut run = Run { on: &self.ports, part: self.part, operation, work, began };
        match run.work().await {
            Ok(()) => Ok(RanPrivacy::Done(Box::new(run.operation))),
            Err(stop) => run.stop(stop).await,
        }
    }
}

impl Run<'_> {
    async fn work(&mut self) -> Result<(), Stop> {
        if self.operation.attempts > ATTEMPTS {
            return Err(Stop::Failed(PrivacyFailure::GaveUp));
        }
        let scope = self.scope().await?;
        match self.operation.kind {
            PrivacyKind::Export => self.export(&scope).await?,
            PrivacyKind::Erase => self.erase(&scope).await?,
        }
        let now = self.on.clock.now();
        self.operation.end(PrivacyState::Ready, now);
        self.store().await
    }

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

    /// Hands an operation on, or ends it.
    async fn stop(mut self, stop: Stop) -> Result<RanPrivacy, Unavailable> {
        let (delay, ran) = match stop {
            Stop::Lost => return Ok(RanPrivacy::Busy),
            Stop::Failed(failure) => return self.fail(failure).await,
            Stop::Gone if self.work.restarts == RESTARTS => return self.fail(PrivacyFailure::GaveUp).await,
            Stop::Gone => {
                self.give_up_parts().await?;
                let (scope, restarts) = (self.work.scope.take(), self.work.restarts + 1);
                self.work = PrivacyWork { scope, restarts, ..self.work.about.clone().into() };
                self.operation.counts.clear();
                (FIRST_WAIT, RanPrivacy::GoesOn)
            }
            Stop::Time => (Duration::ZERO, RanPrivacy::GoesOn),
            Stop::Wait(delay) => {
                self.operation.attempts = 0;
                (delay, RanPrivacy::GoesOn)
            }
            Stop::Unavailable(error) => {
                (doubling(FIRST_WAIT, self.operation.attempts, LONGEST_WAIT), RanPrivacy::Postponed(error))
            }
        };
        self.operation.busy_until = None;
        self.operation.work = Some(self.work);
        if !self.on.operations.save(&mut self.operation).await? {
            return Ok(RanPrivacy::Busy);
        }
        // Should this one not be heard, the message that began this run comes again.
        self.on.queue.push(self.operation.id, delay).await?;
        Ok(ran)
    }

    async fn fail(mut self, failure: PrivacyFailure) -> Result<RanPrivacy, Unavailable> {
        self.give_up_parts().await?;
        self.operation.end(PrivacyState::Failed(failure), self.on.clock.now());
        self.on.operations.save(&mut self.operation).await?;
        Ok(RanPrivacy::Failed(failure))
    }

    async fn give_up_parts(&mut self) -> Result<(), Unavailable> {
        match (self.work.upload.take(), self.operation.object()) {
            (Some(upload), Some(object)) => {
                self.on.parts.abort(&object, &crate::ports::PartsId::from_stored(upload)).await
            }
            _ => Ok(()),
        }
    }

    /// Stores that it got further.
    pub(super) async fn save(&mut self) -> Result<(), Stop> {
        self.operation.work = Some(self.work.clone());
        self.store().await
    }

    async fn store(&mut self) -> Result<(), Stop> {
        match self.on.operations.save(&mut self.operation).await? {
            true => Ok(()),
            false => Err(Stop::Lost),
        }
    }

    /// Whether the run has worked for as long as it should.
    pub(super) fn is_over(&self) -> bool {
        self.on.clock.now() >= self.began + RUN
    }
}
