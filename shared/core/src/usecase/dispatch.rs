//! Handing a send to the shard that its number lives on, its file made ready before.

#[cfg(test)]
mod tests;

use super::claims::Claims;
use super::overdue::{Overdue, next_sweep, overdue};
use super::recent::Recent;
use super::timetable::BELATED;
use crate::command::{SendAccepted, ShardCommand};
use crate::ids::UserId;
use crate::plan::Plans;
use crate::ports::{
    Accounts, Applied, Clock, Numbers, Preparations, PrepareError, Preparer, Sends, ShardSender, Unavailable,
};
use crate::send::{Content, Failure, Send, Status, Step};
use crate::user::User;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// For how long a tenant that was read is not read again.
const TENANT_BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(30);

/// How long a [`Preparer`] may take for one file, and so how much time must be left for one to be begun.
pub const PREPARE_TIME: SignedDuration = SignedDuration::from_secs(85);

/// What [`Dispatch`] works with.
#[derive(Clone)]
pub struct DispatchPorts {
    /// Where sends are.
    pub sends: Arc<dyn Sends>,
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Where it stands whose worker a number is.
    pub numbers: Arc<dyn Numbers>,
    /// The shards' queues.
    pub shards: Arc<dyn ShardSender>,
    /// Where it is kept what was made of files.
    pub preparations: Arc<dyn Preparations>,
    /// Makes files ready.
    pub preparer: Arc<dyn Preparer>,
}

/// Takes accepted sends out of the queue: looks again whether they may be sent, since hours may have passed, makes their files
/// ready, and hands them to their shard, those that have failed as well.
pub struct Dispatch {
    ports: DispatchPorts,
    claims: Claims,
    plans: Arc<Plans>,
    clock: Arc<dyn Clock>,
    tenants: Recent<UserId, User>,
}

/// What became of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispatched {
    /// The send went to its shard.
    Handed,
    /// The session task has it already, or it is at this status, where nothing is left to do. Of one that has failed, the
    /// session is told.
    Nothing(Status),
    /// Its file is ready, if it was uploaded; it waits for the time that it is scheduled for.
    Scheduled(Timestamp),
    /// It may not be sent any more, and is `falha` now; its number's session is told.
    Failed(Failure),
    /// There is no such send.
    Unknown,
}

impl Dispatch {
    /// Wires it up.
    pub fn new(ports: DispatchPorts, plans: Arc<Plans>, clock: Arc<dyn Clock>) -> Self {
        let claims = Claims::new(ports.numbers.clone(), clock.clone());
        Self { ports, claims, plans, clock, tenants: Recent::new(TENANT_BELIEVED_FOR) }
    }

    /// Handles the signal of one send; safe to repeat. The command to the shard comes before the note of when to look again:
    /// after a crash between the two, the send is handed over once more, and the session knows it by its id. A file that
    /// could not be ready by `until` is not begun.
    ///
    /// # Errors
    /// [`Unavailable`] when a store or the queue did not answer, or no time is left: the signal must come again, before those
    /// behind it.
    pub async fn dispatch(
        &self,
        accepted: &SendAccepted,
        until: Timestamp,
    ) -> Result<Dispatched, Unavailable> {
        let Some(send) = self.ports.sends.find(accepted.send_id).await? else {
            return Ok(Dispatched::Unknown);
        };
        if !send.status.is_pending() {
            self.have_told(&send, send.status).await?;
            return Ok(Dispatched::Nothing(send.status));
        }
        match overdue(&send, self.clock.now()) {
            Overdue::Yes => return self.fail(&send, Failure::Expired).await,
            Overdue::InHand(_) => return Ok(Dispatched::Nothing(send.status)),
            Overdue::No => {}
        }
        let Some(shard) = self.claims.shard_of_worker(send.user, &send.from).await? else {
            return self.fail(&send, Failure::NotAWorker).await;
        };
        let Some(tenant) = self.tenant(send.user).await? else {
            return self.fail(&send, Failure::NumberRemoved).await;
        };
        if !self.plans.find(&tenant.plan).is_some_and(|plan| plan.allows(send.content.media_type())) {
            return self.fail(&send, Failure::PlanForbids).await;
        }
        let waits = send.send_at.filter(|at| *at > self.clock.now());
        // What stands at an address is fetched when the time has come; an upload would be gone by then.
        if waits.is_none() || send.has_upload() {
            match self.make_ready(&send, until).await {
                Ok(()) => {}
                Err(PrepareError::Failed(failure)) => return self.fail(&send, failure).await,
                Err(PrepareError::Unavailable(error)) => return Err(error),
            }
        }
        if let Some(at) = waits {
            self.ports.sends.reschedule(send.id, (at + BELATED).min(send.expires_at), false).await?;
            return Ok(Dispatched::Scheduled(at));
        }
        let command = ShardCommand::Send { number: send.from.clone(), send_id: send.id };
        self.ports.shards.push(shard, &command, &format!("{}:{}", send.id, send.requeues)).await?;
        self.ports
            .sends
            .reschedule(send.id, next_sweep(&send, send.requeues, self.clock.now()), false)
            .await?;
        Ok(Dispatched::Handed)
    }

    /// Makes a send's file ready, if it has one and it is not ready from an earlier attempt.
    async fn make_ready(&self, send: &Send, until: Timestamp) -> Result<(), PrepareError> {
        let Content::File(file) = &send.content else { return Ok(()) };
        if self.ports.preparations.find(send.id).await?.is_some() {
            return Ok(());
        }
        if self.clock.now() + PREPARE_TIME > until {
            let reason = "not enough time is left to make a file ready".to_owned();
            return Err(Unavailable::new("prepare", reason).into());
        }
        let prepared = self.ports.preparer.prepare(send, file).await?;
        Ok(self.ports.preparations.put(send.id, &prepared, send.expires_at).await?)
    }

    async fn fail(&self, send: &Send, failure: Failure) -> Result<Dispatched, Unavailable> {
        let (status, did) =
            match self.ports.sends.apply(send.id, &Step::Fail(failure.clone()), self.clock.now()).await? {
                Applied::Moved => (Status::Failed, Dispatched::Failed(failure)),
                Applied::Refused(status) => (status, Dispatched::Nothing(status)),
                Applied::Unknown => return Ok(Dispatched::Unknown),
            };
        self.have_told(send, status).await?;
        Ok(did)
    }

    /// Has chats and webhooks told of a send that has failed before a session had it: its number's session alone writes and
    /// tells those, and is given the send as any other. Said again with every signal, as a crash may have come between the two.
    /// Of a number that is its tenant's no more nothing is told.
    async fn have_told(&self, send: &Send, status: Status) -> Result<(), Unavailable> {
        if status != Status::Failed {
            return Ok(());
        }
        let Some(shard) = self.claims.shard_of_worker(send.user, &send.from).await? else { return Ok(()) };
        let command = ShardCommand::Send { number: send.from.clone(), send_id: send.id };
        self.ports.shards.push(shard, &command, &format!("{}:failed", send.id)).await
    }

    async fn tenant(&self, id: UserId) -> Result<Option<User>, Unavailable> {
        let now = self.clock.now();
        if let Some(tenant) = self.tenants.get(&id, now) {
            return Ok(Some(tenant));
        }
        let found = self.ports.accounts.find(id).await?;
        if let Some(tenant) = &found {
            self.tenants.remember(id, tenant.clone(), now);
        }
        Ok(found)
    }
}
