//! Accepting a send: `POST /v2/sends`.

mod request;
#[cfg(test)]
mod tests;

pub use request::{Content, SendRequest};

use super::claims::Claims;
use crate::command::SendAccepted;
use crate::error::{Code, Problem};
use crate::ids::{IdempotencyKey, SendId};
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{Clock, Created, Numbers, Random, SendQueue, Sends, Unavailable};
use crate::send::{IDEMPOTENCY_WINDOW, Send, Text};
use crate::user::User;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// After how long a sweep looks at a send that `dispatch` has not seen: its signal was lost.
const FIRST_SWEEP: SignedDuration = SignedDuration::from_secs(60);

/// Accepts sends: checks that the tenant may, stores the send, and puts its signal in the queue. A send costs one write and
/// one message; whose worker the number is stands in a memory of a few seconds.
pub struct AcceptSend {
    sends: Arc<dyn Sends>,
    queue: Arc<dyn SendQueue>,
    claims: Claims,
    plans: Arc<Plans>,
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
    /// Why its signal did not reach the queue, when it did not. The send is safe: a sweep finds it within two minutes.
    pub not_queued: Option<Unavailable>,
}

impl AcceptSend {
    /// Wires it up.
    pub fn new(
        sends: Arc<dyn Sends>,
        queue: Arc<dyn SendQueue>,
        numbers: Arc<dyn Numbers>,
        plans: Arc<Plans>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { sends, queue, claims: Claims::new(numbers, clock.clone()), plans, clock, random }
    }

    /// Accepts a send of a tenant. Under an `Idempotency-Key` the send's id is made from tenant and key, so that the send
    /// is itself the record of the key: whatever is asked twice at the same moment, one of the two writes wins and the
    /// other reads what won. A request "in flight" under a key, which would be refused, cannot be seen.
    ///
    /// # Errors
    /// In this order: [`Code::NotYourWorker`]; [`Code::PlanForbidsMedia`]; [`Code::MediaNotSupportedYet`] for anything but a
    /// text; [`Code::IdempotencyMismatch`]; [`Code::Unavailable`], after which nothing is stored or the same request under
    /// the same key finds it.
    pub async fn accept(
        &self,
        tenant: &User,
        request: SendRequest,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, Problem> {
        self.check_worker(tenant, &request).await?;
        self.check_plan(tenant, &request)?;
        let hash = key.map(|_| request.hash());
        let Content::Text(text) = request.content else {
            return Err(Code::MediaNotSupportedYet.into());
        };
        let mut send = self.new_send(tenant, request.from, request.to, text);
        send.request = hash;
        match key {
            None => {
                send.id = SendId::from_random(self.random.bytes());
                match self.sends.create(&send, send.queued_at + FIRST_SWEEP).await? {
                    Created::New => Ok(self.signal(send).await),
                    Created::Existing(_) => {
                        Err(Problem::new(Code::Internal).caused_by("a random send id was taken"))
                    }
                }
            }
            Some(key) => self.accept_once(key, send).await,
        }
    }

    async fn check_worker(&self, tenant: &User, request: &SendRequest) -> Result<(), Problem> {
        match self.claims.shard_of_worker(tenant.id, &request.from).await? {
            Some(_) => Ok(()),
            None => Err(Problem::new(Code::NotYourWorker)
                .because(format!("O número {} não é um worker deste usuário.", request.from))),
        }
    }

    fn check_plan(&self, tenant: &User, request: &SendRequest) -> Result<(), Problem> {
        let media = request.content.media_type();
        if self.plans.find(&tenant.plan).is_some_and(|plan| plan.allows(media)) {
            return Ok(());
        }
        Err(Problem::new(Code::PlanForbidsMedia)
            .because(format!("O plano {} não permite o tipo de mídia {media}.", tenant.plan)))
    }

    /// A send that begins now, still without an id of its own. Times are kept to the microsecond.
    fn new_send(&self, tenant: &User, from: Phone, to: Phone, text: Text) -> Send {
        let now = self.clock.now();
        let queued_at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        Send::of_text(SendId::from_random([0; 16]), tenant.id, from, to, text, queued_at)
    }

    /// Accepts a send under a key. A key names its first send for 24 hours, then a second one, and so on: its generations,
    /// of which only the last can still be named.
    async fn accept_once(&self, key: &IdempotencyKey, mut send: Send) -> Result<Accepted, Problem> {
        let user = send.user;
        let id_of = |generation| SendId::from_idempotency_key(user, key, generation);
        let mut generation = 0;
        loop {
            send.id = id_of(generation);
            match self.sends.create(&send, send.queued_at + FIRST_SWEEP).await? {
                Created::New => return Ok(self.signal(send).await),
                Created::Existing(first) if named(&first, send.queued_at) => return replay(*first, &send),
                Created::Existing(_) => {
                    generation = self.first_free(generation, id_of, send.queued_at).await?
                }
            }
        }
    }

    /// The first generation after `past`, whose time is over, that is not over too. A key that is used anew each day has a
    /// generation for each day, so they are not tried one by one: steps that double find one that is not over, and halving
    /// what lies between finds the first.
    async fn first_free(
        &self,
        mut past: u32,
        id_of: impl Fn(u32) -> SendId,
        now: Timestamp,
    ) -> Result<u32, Unavailable> {
        let mut step = 1;
        let mut free = loop {
            let next = past.saturating_add(step);
            match self.sends.find(id_of(next)).await? {
                Some(send) if !named(&send, now) => (past, step) = (next, step.saturating_mul(2)),
                _ => break next,
            }
        };
        while free - past > 1 {
            let middle = past + (free - past) / 2;
            match self.sends.find(id_of(middle)).await? {
                Some(send) if !named(&send, now) => past = middle,
                _ => free = middle,
            }
        }
        Ok(free)
    }

    /// Puts the signal of a stored send in the queue.
    async fn signal(&self, send: Send) -> Accepted {
        let pushed = self.queue.push(&send.from, &SendAccepted { send_id: send.id }, 0).await;
        Accepted { send, replayed: false, not_queued: pushed.err() }
    }
}

/// Whether a key still names this send.
fn named(send: &Send, now: Timestamp) -> bool {
    now.duration_since(send.queued_at) < IDEMPOTENCY_WINDOW
}

/// The first answer again, if the same was asked for.
fn replay(first: Send, asked: &Send) -> Result<Accepted, Problem> {
    if first.request != asked.request {
        return Err(Code::IdempotencyMismatch.into());
    }
    let send =
        Send { id: first.id, queued_at: first.queued_at, expires_at: first.expires_at, ..asked.clone() };
    Ok(Accepted { send, replayed: true, not_queued: None })
}
