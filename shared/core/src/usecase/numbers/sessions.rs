//! What a tenant wants of its numbers' sessions.

use crate::command::ShardCommand;
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::{Claim, Desired, Link, LinkState};
use crate::phone::Phone;
use crate::ports::{Clock, LinkError, Links, Numbers, Random, ShardSender};
use crate::shard::Shard;
use jiff::Timestamp;
use std::sync::Arc;

/// Says what is wanted of sessions, and tells how they are.
#[derive(Clone)]
pub struct Sessions {
    /// Where tenants' numbers are.
    pub numbers: Arc<dyn Numbers>,
    /// Where the links are.
    pub links: Arc<dyn Links>,
    /// The queues of their owners.
    pub commands: Arc<dyn ShardSender>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids of commands.
    pub random: Arc<dyn Random>,
}

/// How a number's link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkStatus {
    /// Its state.
    pub state: LinkState,
    /// Since when; `None` when it was never wanted.
    pub since: Option<Timestamp>,
    /// Why, in Portuguese, for people.
    pub reason: Option<String>,
    /// Why, as the session task has it, such as `WHATSAPP_403`.
    pub reason_code: Option<String>,
}

impl LinkStatus {
    pub(crate) fn of(link: Option<&Link>) -> Self {
        match link {
            None => Self { state: LinkState::Offline, since: None, reason: None, reason_code: None },
            Some(link) => Self {
                state: link.state,
                since: Some(link.since),
                reason: link.explanation(),
                reason_code: link.reason.clone(),
            },
        }
    }
}

impl Sessions {
    /// How the link of the tenant's worker is.
    ///
    /// # Errors
    /// [`Code::NotYourWorker`]; [`Code::Unavailable`].
    pub async fn status(&self, user: UserId, number: &Phone) -> Result<LinkStatus, Problem> {
        self.claim_of(user, number).await?;
        let link = self.links.find(number).await?;
        // A link that still is another tenant's says nothing about this one's.
        Ok(LinkStatus::of(link.as_ref().filter(|link| link.user == user)))
    }

    /// Takes the tenant's worker offline; it stays paired.
    ///
    /// # Errors
    /// [`Code::NotYourWorker`]; [`Code::NumberBusy`]; [`Code::Unavailable`].
    pub async fn disconnect(&self, user: UserId, number: &Phone) -> Result<LinkStatus, Problem> {
        let claim = self.claim_of(user, number).await?;
        let wanted =
            self.links.want(number, user, claim.shard, Desired::Disconnected, self.clock.now()).await;
        let link = wanted.map_err(link_problem)?;
        if link.is_some() {
            self.align(claim.shard, number, &self.unique()).await?;
        }
        Ok(LinkStatus::of(link.as_ref()))
    }

    /// Logs the session of a number out and forgets it, if it is the tenant's; `true` if there was one. Safe to repeat.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn remove(&self, user: UserId, number: &Phone) -> Result<bool, Problem> {
        let Some(link) = self.links.find(number).await?.filter(|link| link.user == user) else {
            return Ok(false);
        };
        match self.links.want(number, user, link.shard, Desired::Removed, self.clock.now()).await {
            Ok(Some(_)) => {}
            // It went, or became another's, since it was read.
            Ok(None) | Err(LinkError::Busy | LinkError::Fenced) => return Ok(false),
            Err(LinkError::Unavailable(error)) => return Err(error.into()),
        }
        self.align(link.shard, number, &self.unique()).await?;
        Ok(true)
    }

    pub(in crate::usecase) async fn claim_of(&self, user: UserId, number: &Phone) -> Result<Claim, Problem> {
        let claim = self.numbers.claim(number).await?;
        claim.filter(|claim| claim.user == user).ok_or_else(|| Code::NotYourWorker.into())
    }

    pub(in crate::usecase) async fn align(
        &self,
        shard: Shard,
        number: &Phone,
        dedup: &str,
    ) -> Result<(), Problem> {
        Ok(self.commands.push(shard, &ShardCommand::Align { number: number.clone() }, dedup).await?)
    }

    /// An id that no other command has: two changes of mind within the five minutes of the queue's memory are two commands.
    pub(in crate::usecase) fn unique(&self) -> String {
        format!("align-{}", hex::encode(self.random.bytes::<16>()))
    }
}

pub(super) fn link_problem(error: LinkError) -> Problem {
    match error {
        LinkError::Busy | LinkError::Fenced => Code::NumberBusy.into(),
        LinkError::Unavailable(error) => error.into(),
    }
}
