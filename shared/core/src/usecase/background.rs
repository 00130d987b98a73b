//! The life of what is done in the background, run by run: a run takes a job out of the queue, goes on where the last one was, and
//! puts it back in the queue when its time is over. Whatever happens to a run, the next one begins where this one last said it
//! was.

use super::doubling::doubling;
use crate::ports::{Clock, LONGEST_DELAY, PartsError, Unavailable};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// For how long a run works before it hands over to the next.
const RUN: SignedDuration = SignedDuration::from_secs(180);
/// How long a run can last at most: the function's timeout of 300 s, and a little. Until then no other run begins.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(310);
/// How often a job is begun anew whose parts were lost.
pub(super) const RESTARTS: u32 = 3;
/// How long the first run after a failed one waits; each further one twice as long, up to [`LONGEST_DELAY`].
const FIRST_WAIT: Duration = Duration::from_secs(15);

/// Why a run ends before its work does.
pub(super) enum Stop<F> {
    /// Its time is over.
    Time,
    /// It waits for something to come about.
    Wait(Duration),
    /// Another run has taken it over.
    Lost,
    /// The parts of its file are gone.
    Gone,
    /// It comes to no end.
    Failed(F),
    /// Something did not answer.
    Unavailable(Unavailable),
}

impl<F> From<Unavailable> for Stop<F> {
    fn from(error: Unavailable) -> Self {
        Stop::Unavailable(error)
    }
}

impl<F> From<PartsError> for Stop<F> {
    fn from(error: PartsError) -> Self {
        match error {
            PartsError::Gone => Stop::Gone,
            PartsError::Unavailable(error) => Stop::Unavailable(error),
        }
    }
}

/// What came of a run.
pub(super) enum Outcome<F> {
    /// The job is done.
    Done,
    /// It goes on in another run.
    GoesOn,
    /// It failed for good.
    Failed(F),
    /// Another run is at it.
    Busy,
    /// Something did not answer; it goes on later.
    Postponed(Unavailable),
}

/// The part of a stored job that says who is at it.
pub(super) struct Turn<'a> {
    /// How many runs were begun since it last got further.
    pub(super) attempts: &'a mut u32,
    /// Until when the run that is under way may take.
    pub(super) busy_until: &'a mut Option<Timestamp>,
}

/// Something that is done run by run, as one run has it.
pub(super) trait Job {
    /// Why it may come to no end.
    type Failure: Copy;
    /// That it was tried too often.
    const GAVE_UP: Self::Failure;
    /// How many runs may fail one after another before it does.
    const ATTEMPTS: u32;

    /// Who is at it.
    fn turn(&mut self) -> Turn<'_>;
    /// Marks it as begun.
    fn begin(&mut self);
    /// Does what is left of it.
    async fn work(&mut self) -> Result<(), Stop<Self::Failure>>;
    /// Marks it as done.
    fn finish(&mut self, now: Timestamp);
    /// Marks it as failed.
    fn fail(&mut self, failure: Self::Failure, now: Timestamp);
    /// How often it was begun anew.
    fn restarts(&self) -> u32;
    /// Has it begun anew, its parts being gone.
    fn restart(&mut self);
    /// Gives up the parts that were written, if there are any.
    async fn give_up_parts(&mut self) -> Result<(), Unavailable>;
    /// Stores it as it is. `false`, and no change, when another run has since.
    async fn put(&mut self) -> Result<bool, Unavailable>;
    /// Has it gone on with after `delay`.
    async fn push(&self, delay: Duration) -> Result<(), Unavailable>;
}

/// Works on a job until it is done or stops; then, or when something does not answer for now, it is in the queue again.
///
/// # Errors
/// [`Unavailable`] when not even that could be done: the message must come again.
pub(super) async fn run<J: Job>(job: &mut J, clock: &dyn Clock) -> Result<Outcome<J::Failure>, Unavailable> {
    let began = clock.now();
    let turn = job.turn();
    if turn.busy_until.is_some_and(|until| began < until) {
        return Ok(Outcome::Busy);
    }
    *turn.attempts += 1;
    *turn.busy_until = Some(began + LEASE);
    let attempt = *turn.attempts;
    job.begin();
    if !job.put().await? {
        return Ok(Outcome::Busy);
    }
    match carry_out(job, attempt, clock).await {
        Ok(()) => Ok(Outcome::Done),
        Err(stop) => end(job, stop, clock).await,
    }
}

async fn carry_out<J: Job>(job: &mut J, attempt: u32, clock: &dyn Clock) -> Result<(), Stop<J::Failure>> {
    if attempt > J::ATTEMPTS {
        return Err(Stop::Failed(J::GAVE_UP));
    }
    job.work().await?;
    job.finish(clock.now());
    *job.turn().busy_until = None;
    store(job).await
}

/// Hands a job on, or ends it.
async fn end<J: Job>(
    job: &mut J,
    stop: Stop<J::Failure>,
    clock: &dyn Clock,
) -> Result<Outcome<J::Failure>, Unavailable> {
    let (delay, outcome) = match stop {
        Stop::Lost => return Ok(Outcome::Busy),
        Stop::Failed(failure) => return fail(job, failure, clock).await,
        Stop::Gone if job.restarts() == RESTARTS => return fail(job, J::GAVE_UP, clock).await,
        Stop::Gone => {
            job.give_up_parts().await?;
            job.restart();
            (FIRST_WAIT, Outcome::GoesOn)
        }
        Stop::Time => (Duration::ZERO, Outcome::GoesOn),
        Stop::Wait(delay) => {
            *job.turn().attempts = 0;
            (delay, Outcome::GoesOn)
        }
        Stop::Unavailable(error) => {
            (doubling(FIRST_WAIT, *job.turn().attempts, LONGEST_DELAY), Outcome::Postponed(error))
        }
    };
    *job.turn().busy_until = None;
    if !job.put().await? {
        return Ok(Outcome::Busy);
    }
    // Should this one not be heard, the message that began this run comes again.
    job.push(delay).await?;
    Ok(outcome)
}

async fn fail<J: Job>(
    job: &mut J,
    failure: J::Failure,
    clock: &dyn Clock,
) -> Result<Outcome<J::Failure>, Unavailable> {
    job.give_up_parts().await?;
    job.fail(failure, clock.now());
    *job.turn().busy_until = None;
    job.put().await?;
    Ok(Outcome::Failed(failure))
}

/// Stores that a job got further.
pub(super) async fn store<J: Job>(job: &mut J) -> Result<(), Stop<J::Failure>> {
    match job.put().await? {
        true => Ok(()),
        false => Err(Stop::Lost),
    }
}

/// Whether a run that began then has worked for as long as it should, and `grace` more.
pub(super) fn is_over(began: Timestamp, grace: SignedDuration, clock: &dyn Clock) -> bool {
    clock.now() >= began + RUN + grace
}
