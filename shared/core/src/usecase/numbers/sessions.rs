//! What a tenant wants of its numbers' sessions.

use crate::command::ShardCommand;
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::{Claim, Desired, Link, LinkState};
use crate::phone::Phone;
use crate::ports::{Clock, LinkError, Links, Numbers, Random, ShardSender, Unavailable};
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
        match self.links.find(number).await?.filter(|link| link.user == user) {
            Some(link) => Ok(self.end(&link).await?),
            None => Ok(false),
        }
    }

    /// Logs out the sessions that workers of the tenant have left that are none any more.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn end_of_former(&self, user: UserId) -> Result<(), Problem> {
        let former = self.numbers.former(user).await?;
        for link in self.links.find_many(&former).await? {
            if link.user != user {
                continue;
            }
            let claim = self.numbers.claim(&link.number).await?;
            if claim.is_none_or(|claim| claim.user != user) {
                self.end(&link).await?;
            }
        }
        Ok(())
    }

    async fn end(&self, link: &Link) -> Result<bool, Unavailable> {
        end(&*self.links, &*self.commands, link, self.clock.now(), &self.unique()).await
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

/// A number is another tenant's now than its link: makes sure that the former one's session is being ended. It usually is already; not
/// so when the former tenant's removal was cut off half way, and nobody repeats it.
///
/// # Errors
/// [`Unavailable`].
pub async fn release_former(
    links: &dyn Links,
    commands: &dyn ShardSender,
    former: &Link,
    now: Timestamp,
) -> Result<(), Unavailable> {
    if former.desired != Desired::Removed {
        let dedup = format!("release-{}-{}", former.number, former.since.as_microsecond());
        end(links, commands, former, now, &dedup).await?;
    }
    Ok(())
}

/// Wants a link removed, and tells the shard's owner; `false` if it went, or became another's, since it was read.
async fn end(
    links: &dyn Links,
    commands: &dyn ShardSender,
    link: &Link,
    now: Timestamp,
    dedup: &str,
) -> Result<bool, Unavailable> {
    let Link { number, user, shard, .. } = link;
    match links.want(number, *user, *shard, Desired::Removed, now).await {
        Ok(Some(_)) => {}
        Ok(None) | Err(LinkError::Busy | LinkError::Fenced) => return Ok(false),
        Err(LinkError::Unavailable(error)) => return Err(error),
    }
    commands.push(*shard, &ShardCommand::Align { number: number.clone() }, dedup).await?;
    Ok(true)
}

pub(super) fn link_problem(error: LinkError) -> Problem {
    match error {
        LinkError::Busy | LinkError::Fenced => Code::NumberBusy.into(),
        LinkError::Unavailable(error) => error.into(),
    }
}
