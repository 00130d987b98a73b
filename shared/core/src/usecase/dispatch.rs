//! Handing a send to the shard that its number lives on.

use super::claims::Claims;
use super::overdue::{Overdue, next_sweep, overdue};
use super::recent::Recent;
use crate::command::{SendAccepted, ShardCommand};
use crate::ids::UserId;
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
        if !self.plans.find(&tenant.plan).is_some_and(|plan| plan.allows(send.content.media_type())) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SendId;
    use crate::usecase::fixture::{World, shard, tenant};

    async fn accepted(world: &World) -> SendAccepted {
        SendAccepted { send_id: world.accept("Olá", None).await.unwrap().send.id }
    }

    #[tokio::test]
    async fn hands_a_send_to_its_shard_once() {
        let world = World::new().await;
        let signal = accepted(&world).await;
        for _ in 0..2 {
            assert_eq!(world.dispatch().dispatch(&signal).await, Ok(Dispatched::Handed));
        }
        let pushed = world.shards.pushed();
        assert_eq!(pushed.len(), 1, "the same attempt twice is one command");
        assert_eq!((pushed[0].shard, pushed[0].dedup.clone()), (shard(), format!("{}:0", signal.send_id)));
        assert_eq!(pushed[0].command.group(), "s:5511988887777");
        let due = world.clock.now() + SignedDuration::from_mins(15);
        assert_eq!(world.sends.due_at(signal.send_id), Some(due));
    }

    #[tokio::test]
    async fn what_may_not_be_sent_any_more_fails() {
        let world = World::new().await;
        let expired = accepted(&world).await;
        world.clock.advance(SignedDuration::from_hours(24));
        let orphan = accepted(&world).await;
        world.remove_worker().await;
        for (signal, failure) in [(expired, Failure::Expired), (orphan, Failure::NotAWorker)] {
            let did = world.dispatch().dispatch(&signal).await;
            assert_eq!(did, Ok(Dispatched::Failed(failure.clone())));
            let send = world.sends.peek(signal.send_id).unwrap();
            assert_eq!((send.status, send.failure), (Status::Failed, Some(failure)));
        }
        assert!(world.shards.pushed().is_empty());
    }

    #[tokio::test]
    async fn a_plan_that_forbids_and_a_tenant_that_is_gone() {
        let world = World::new().await;
        let signal = accepted(&world).await;
        world.accounts.remove(&world.tenant).await.unwrap();
        assert_eq!(
            world.dispatch().dispatch(&signal).await,
            Ok(Dispatched::Failed(Failure::NumberRemoved)),
            "its numbers are removed first, but that may not be seen yet"
        );
        let signal = accepted(&world).await;
        world.accounts.create(&tenant(1, "mudo")).await.unwrap();
        assert_eq!(world.dispatch().dispatch(&signal).await, Ok(Dispatched::Failed(Failure::PlanForbids)));
    }

    #[tokio::test]
    async fn what_is_over_or_in_hand_is_left_alone() {
        let world = World::new().await;
        let cancelled = accepted(&world).await;
        world.sends.apply(cancelled.send_id, &Step::Cancel, world.clock.now()).await.unwrap();
        let taken = accepted(&world).await;
        world
            .sends
            .apply(taken.send_id, &Step::Take("551188887777@s.whatsapp.net".into()), world.clock.now())
            .await
            .unwrap();
        world.remove_worker().await;
        let did = world.dispatch().dispatch(&cancelled).await;
        assert_eq!(did, Ok(Dispatched::Nothing(Status::Cancelled)));
        let did = world.dispatch().dispatch(&taken).await;
        assert_eq!(did, Ok(Dispatched::Nothing(Status::Processing)), "it may be on the wire");
        let unknown = SendAccepted { send_id: SendId::from_random([9; 16]) };
        assert_eq!(world.dispatch().dispatch(&unknown).await, Ok(Dispatched::Unknown));
        assert!(world.shards.pushed().is_empty());
    }

    #[tokio::test]
    async fn an_outage_leaves_the_send_as_it_was() {
        let world = World::new().await;
        let signal = accepted(&world).await;
        for switch in
            [&world.sends.switch, &world.numbers.switch, &world.accounts.switch, &world.shards.switch]
        {
            switch.fail();
            assert!(world.dispatch().dispatch(&signal).await.is_err());
            switch.recover();
            assert_eq!(world.sends.peek(signal.send_id).unwrap().status, Status::Queued);
            assert_eq!(
                world.sends.due_at(signal.send_id),
                Some(world.in_a_minute()),
                "the sweep is not put off"
            );
        }
        assert_eq!(world.dispatch().dispatch(&signal).await, Ok(Dispatched::Handed));
    }
}
