//! Accepting a send: `POST /v2/sends` and `POST /v2/upload/sends`.

pub(super) mod admission;
mod idempotency;
pub(super) mod parse;
mod request;
#[cfg(test)]
mod tests;
mod v1;

use idempotency::Naming;

pub use parse::FormFile;
pub use request::{Attached, SendRequest};

use super::backlog::Backlog;
use super::claims::Claims;
use super::overdue::UNSEEN;
use super::timetable::{BELATED, Timetable};
use crate::command::{Alarm, SendAccepted};
use crate::error::{Code, Problem};
use crate::ids::{IdempotencyKey, SendId};
use crate::plan::Plans;
use crate::ports::{
    Alarms, Applied, Clock, Created, Numbers, Objects, Random, SendQueue, Sends, Unavailable, Usage,
    WakeQueue,
};
use crate::send::{Send, Status, Step, in_micros};
use crate::user::User;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What [`AcceptSend`] stores in and asks.
#[derive(Clone)]
pub struct AcceptPorts {
    /// Where sends are.
    pub sends: Arc<dyn Sends>,
    /// The queue to `dispatch`.
    pub queue: Arc<dyn SendQueue>,
    /// Where it stands whose worker a number is.
    pub numbers: Arc<dyn Numbers>,
    /// Where uploads are.
    pub objects: Arc<dyn Objects>,
    /// Where the sends of a day are counted.
    pub usage: Arc<dyn Usage>,
    /// The alarms of scheduled sends.
    pub alarms: Arc<dyn Alarms>,
    /// The queue of those that are near.
    pub wakes: Arc<dyn WakeQueue>,
}

/// How often a send without a signal is cancelled before what is stored is asked: the second try tells what came of the first.
const TRIES_TO_TAKE_BACK: usize = 2;

/// Accepts sends: checks that the tenant may, stores the send, and puts its signal in the queue; that of a scheduled send is put
/// there when its time has come (see [`Release`](super::Release)). A send costs one write, one more that counts it, and one
/// message; whose worker the number is, and how many wait in its line, stands in a memory of a few seconds.
///
/// # Order
/// A number's sends leave in the order in which they were accepted: one that was accepted before another was asked for goes out
/// before it. The order is that of their signals, so a send whose signal did not reach the queue is not accepted:
/// - asked for under an `Idempotency-Key`, or an id that the caller derived, it is [`Code::Unavailable`] and stays stored. The same
///   request finds it, and its signal goes into the queue before the answer; so whoever insists on one send before asking for the
///   next has them leave in that order. Who does not insist has it sent all the same, once a sweep finds it.
/// - One without a name could not be asked for again without being doubled. It is cancelled, is none of its day's, and
///   [`Code::Unavailable`] too; a signal that has arrived after all finds nothing to send.
/// - One that cannot be cancelled either is answered as accepted, since it will be sent; those accepted until a sweep finds it may
///   pass it.
///
/// Those that are scheduled leave by their time, then in the order in which they were accepted.
pub struct AcceptSend {
    ports: AcceptPorts,
    claims: Claims,
    backlog: Backlog,
    timetable: Timetable,
    plans: Arc<Plans>,
    zone: TimeZone,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// An accepted send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The send as it was when it was accepted, also when this is a replay.
    pub send: Send,
    /// Whether it had been accepted before, under the same `Idempotency-Key`.
    pub replayed: bool,
    /// Why its signal did not reach the queue, when it did not and the send is accepted for all that (see [`AcceptSend`]). The send
    /// is safe: a sweep finds it within two minutes, a scheduled one within two minutes of its time.
    pub not_queued: Option<Unavailable>,
    /// Why a replay stays counted as a send of the day, when it does.
    pub overcounted: Option<Unavailable>,
}

impl AcceptSend {
    /// Wires it up. A tenant without a time zone of its own lives in `zone`.
    pub fn new(
        ports: AcceptPorts,
        plans: Arc<Plans>,
        zone: TimeZone,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let claims = Claims::new(ports.numbers.clone(), clock.clone());
        let backlog = Backlog::new(ports.sends.clone(), clock.clone());
        let timetable = Timetable::new(ports.alarms.clone(), ports.wakes.clone(), clock.clone());
        Self { ports, claims, backlog, timetable, plans, zone, clock, random }
    }

    /// Accepts a send of a tenant. Under an `Idempotency-Key` the send's id is made from tenant and key, so that the send
    /// is itself the record of the key: whatever is asked twice at the same moment, one of the two writes wins and the
    /// other reads what won. A request "in flight" under a key, which would be refused, cannot be seen.
    ///
    /// # Errors
    /// In this order: [`Code::NotYourWorker`]; [`Code::PlanForbidsMedia`]; [`Code::IdempotencyMismatch`];
    /// [`Code::InvalidSendAt`] and [`Code::InvalidExpiresAt`]; [`Code::UploadNotFound`], [`Code::InvalidFile`] or
    /// [`Code::PayloadTooLarge`] for an upload that is not there, empty, or too large for its kind; [`Code::BacklogFull`];
    /// [`Code::PlanSendsLimit`]; [`Code::Unavailable`], after which nothing is stored, or it is cancelled, or the same request under
    /// the same key finds it.
    pub async fn accept(
        &self,
        tenant: &User,
        request: SendRequest,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, Problem> {
        self.accept_named(tenant, request, key.map_or(Naming::Chance, Naming::Key), None).await
    }

    /// Accepts a send of a tenant under an id that the caller derived, so that what is asked again is the same send: as
    /// [`AcceptSend::accept`] is under a key, but the id names the send for as long as it is kept, which is counted from `lasts` on.
    ///
    /// # Errors
    /// As [`AcceptSend::accept`]: [`Code::IdempotencyMismatch`] is that another request has this id.
    pub async fn accept_as(
        &self,
        tenant: &User,
        request: SendRequest,
        id: SendId,
        lasts: Timestamp,
    ) -> Result<Accepted, Problem> {
        self.accept_named(tenant, request, Naming::Id(id), Some(lasts)).await
    }

    async fn accept_named(
        &self,
        tenant: &User,
        request: SendRequest,
        naming: Naming<'_>,
        lasts: Option<Timestamp>,
    ) -> Result<Accepted, Problem> {
        self.check_worker(tenant, &request.from).await?;
        let plan = self.check_plan(tenant, request.content.media_type())?;
        let mut send = self.new_send(tenant, &request);
        send.request = (naming != Naming::Chance).then(|| request.hash());
        match self.admit(tenant, plan, &mut send, request).await {
            Ok(day) => {
                let send = send.kept_for(self.plans.retention_of(tenant), lasts);
                self.accept_counted(naming, send, day).await
            }
            // What was accepted under this name stays so, whatever has become of its upload, its time or the limits.
            Err(refusal) => match self.first_under(naming, &send).await? {
                Some(first) => self.replay(first, &send).await,
                None => Err(refusal),
            },
        }
    }

    /// A send that begins now, still without an id of its own. Times are kept to the microsecond.
    fn new_send(&self, tenant: &User, request: &SendRequest) -> Send {
        let queued_at = in_micros(self.clock.now());
        let (from, to) = (request.from.clone(), request.to.clone());
        Send::new(SendId::from_random([0; 16]), tenant.id, from, to, request.content.clone(), queued_at)
    }

    /// Accepts a send under an id that is new, counted as one of that day.
    async fn accept_new(&self, send: Send, day: Date) -> Result<Accepted, Problem> {
        match self.create(&send).await? {
            Created::New => {
                let user = send.user;
                let accepted = self.signal(send, Naming::Chance).await;
                if accepted.is_err() {
                    // It was taken back. Where the count cannot be, the day ends one send too early.
                    let _ = self.ports.usage.give_back(user, day).await;
                }
                accepted
            }
            Created::Existing(_) => Err(Problem::new(Code::Internal).caused_by("a random send id was taken")),
        }
    }

    /// Stores a send. The alarm of a scheduled one is set before: after a crash between the two it rings for nothing.
    async fn create(&self, send: &Send) -> Result<Created, Unavailable> {
        if let Some(at) = send.send_at {
            self.timetable.set(&Alarm::of(&send.from, at)).await?;
        }
        self.ports.sends.create(send, first_sweep(send)).await
    }

    /// Puts the signal of a stored send in the queue, or does not accept it; one without a name is taken back then. A scheduled one
    /// has a signal only to make its upload ready, which would be gone when its time comes.
    async fn signal(&self, send: Send, naming: Naming<'_>) -> Result<Accepted, Problem> {
        let mut not_queued = None;
        if send.send_at.is_none() || send.has_upload() {
            not_queued = self.push(&send).await.err();
        }
        if let Some(at) = send.send_at {
            not_queued = self.timetable.ring(&Alarm::of(&send.from, at)).await.err().or(not_queued);
        } else if let Some(error) = &not_queued
            && (naming != Naming::Chance || self.take_back(&send).await)
        {
            return Err(error.clone().into());
        }
        Ok(Accepted { send, replayed: false, not_queued, overcounted: None })
    }

    async fn push(&self, send: &Send) -> Result<(), Unavailable> {
        self.ports.queue.push(&send.from, &SendAccepted { send_id: send.id }, 0).await
    }

    /// Cancels a send without a signal; `false` if it could not be, or its signal has arrived and a session has taken it. Nobody else
    /// knows the send, so one that is cancelled was cancelled here, by a write whose answer was lost.
    async fn take_back(&self, send: &Send) -> bool {
        for _ in 0..TRIES_TO_TAKE_BACK {
            match self.ports.sends.apply(send.id, &Step::Cancel, self.clock.now()).await {
                Ok(Applied::Moved | Applied::Refused(Status::Cancelled)) => return true,
                Ok(Applied::Refused(_) | Applied::Unknown) => return false,
                Err(_) => {}
            }
        }
        let stored = self.ports.sends.find(send.id).await;
        matches!(stored, Ok(Some(Send { status: Status::Cancelled, .. })))
    }

    /// The first answer again, if the same was asked for, once the first has its signal: it may be asked for again because it had
    /// none. The queue drops one that it has had.
    async fn replay(&self, first: Send, asked: &Send) -> Result<Accepted, Problem> {
        let may_lack_signal = first.status == Status::Queued
            && first.waiting.is_none()
            && first.send_at.is_none()
            && first.requeues == 0;
        let accepted = idempotency::replay(first, asked)?;
        if may_lack_signal {
            self.push(&accepted.send).await?;
        }
        Ok(accepted)
    }
}

/// When a sweep looks at a new send.
fn first_sweep(send: &Send) -> Timestamp {
    match send.send_at {
        Some(at) if !send.has_upload() => (at + BELATED).min(send.expires_at),
        _ => send.queued_at + UNSEEN,
    }
}
