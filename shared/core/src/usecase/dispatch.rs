//! Handing a send to the shard that its number lives on.

use super::claims::Claims;
use super::overdue::{Overdue, next_sweep, overdue};
use super::recent::Recent;
use crate::command::{SendAccepted, ShardCommand};
use crate::ids::UserId;
use crate::media::MediaType;
use crate::plan::Plans;
use crate::ports::{Accounts, Applied, Clock, Numbers, Sends, ShardSender, Unavailable};
use crate::send::{Failure, Send, Status, Step};
use crate::user::User;
use jiff::SignedDuration;
use std::sync::Arc;

/// For how long a tenant that was read is not read again.
const TENANT_BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(30);

/// Takes accepted sends out of the queue: looks again whether they may be sent, since hours may have passed, and hands them to
/// their shard.
pub struct Dispatch {
    sends: Arc<dyn Sends>,
    accounts: Arc<dyn Accounts>,
    shards: Arc<dyn ShardSender>,
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
    /// The session task has it already, or it is at this status, where nothing is left to do.
    Nothing(Status),
    /// It may not be sent any more, and is `falha` now.
    Failed(Failure),
    /// There is no such send.
    Unknown,
}

impl Dispatch {
    /// Wires it up.
    pub fn new(
        sends: Arc<dyn Sends>,
        accounts: Arc<dyn Accounts>,
        numbers: Arc<dyn Numbers>,
        shards: Arc<dyn ShardSender>,
        plans: Arc<Plans>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let claims = Claims::new(numbers, clock.clone());
        Self { sends, accounts, shards, claims, plans, clock, tenants: Recent::new(TENANT_BELIEVED_FOR) }
    }

    /// Handles the signal of one send; safe to repeat. The command to the shard comes before the note of when to look again:
    /// after a crash between the two, the send is handed over once more, and the session knows it by its id.
    ///
    /// # Errors
    /// [`Unavailable`] when a store or the queue did not answer: the signal must come again, before those behind it.
    pub async fn dispatch(&self, accepted: &SendAccepted) -> Result<Dispatched, Unavailable> {
        let Some(send) = self.sends.find(accepted.send_id).await? else {
            return Ok(Dispatched::Unknown);
        };
        if !send.status.is_pending() {
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
        if !self.plans.find(&tenant.plan).is_some_and(|plan| plan.allows(MediaType::Text)) {
            return self.fail(&send, Failure::PlanForbids).await;
        }
        let command = ShardCommand::Send { number: send.from.clone(), send_id: send.id };
        self.shards.push(shard, &command, &format!("{}:{}", send.id, send.requeues)).await?;
        self.sends.reschedule(send.id, next_sweep(&send, send.requeues, self.clock.now()), false).await?;
        Ok(Dispatched::Handed)
    }

    async fn fail(&self, send: &Send, failure: Failure) -> Result<Dispatched, Unavailable> {
        match self.sends.apply(send.id, &Step::Fail(failure.clone()), self.clock.now()).await? {
            Applied::Moved => Ok(Dispatched::Failed(failure)),
            Applied::Refused(status) => Ok(Dispatched::Nothing(status)),
            Applied::Unknown => Ok(Dispatched::Unknown),
        }
    }

    async fn tenant(&self, id: UserId) -> Result<Option<User>, Unavailable> {
        let now = self.clock.now();
        if let Some(tenant) = self.tenants.get(&id, now) {
            return Ok(Some(tenant));
        }
        let found = self.accounts.find(id).await?;
        if let Some(tenant) = &found {
            self.tenants.remember(id, tenant.clone(), now);
        }
        Ok(found)
    }
}
