//! Changing a tenant's numbers.

use super::Sessions;
use crate::error::{Code, Problem};
use crate::number::{NumberChange, OwnedNumber, Role};
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{ApplyError, MAX_NUMBER_CHANGES, Numbers};
use crate::shard::{Shard, ShardCount};
use crate::user::User;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most numbers that one list of a request may have.
pub const MAX_LIST: usize = MAX_NUMBER_CHANGES;
/// How often a change is tried when somebody else changes the same tenant's numbers at the same time.
const ATTEMPTS: u32 = 4;

/// Changes tenants' numbers.
pub struct ChangeNumbers {
    /// Where they are.
    pub numbers: Arc<dyn Numbers>,
    /// Their sessions.
    pub sessions: Sessions,
    /// The plans, which limit workers.
    pub plans: Arc<Plans>,
    /// How many shards new workers are spread over.
    pub shards: ShardCount,
}

/// Lists of numbers as a request has them, or as they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberLists {
    /// Workers; `None` where the request has no such list.
    pub workers: Option<Vec<Phone>>,
    /// Administrators; `None` where the request has no such list.
    pub admins: Option<Vec<Phone>>,
}

impl NumberLists {
    fn listed(&self) -> impl Iterator<Item = OwnedNumber> {
        let of = |phones: &Option<Vec<Phone>>, role| {
            phones.clone().unwrap_or_default().into_iter().map(move |phone| OwnedNumber { phone, role })
        };
        of(&self.workers, Role::Worker).chain(of(&self.admins, Role::Admin))
    }

    fn has(&self, role: Role) -> bool {
        match role {
            Role::Worker => self.workers.is_some(),
            Role::Admin => self.admins.is_some(),
        }
    }
}

impl ChangeNumbers {
    /// The tenant's numbers; both lists are there.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn list(&self, user: &User) -> Result<NumberLists, Problem> {
        let owned = self.numbers.list(user.id).await?;
        let of = |role| owned.iter().filter(|n| n.role == role).map(|n| n.phone.clone()).collect();
        Ok(NumberLists { workers: Some(of(Role::Worker)), admins: Some(of(Role::Admin)) })
    }

    /// Adds one number; what else there is stays.
    ///
    /// # Errors
    /// [`Code::WorkerTaken`], [`Code::PlanWorkerLimit`], [`Code::NumbersChanged`], [`Code::Unavailable`]; nothing is
    /// changed then.
    pub async fn add(&self, user: &User, number: &OwnedNumber) -> Result<(), Problem> {
        let missing = |owned: &BTreeSet<OwnedNumber>| !owned.contains(number);
        self.change(user, |owned| missing(owned).then(|| self.addition(number)).into_iter().collect()).await
    }

    /// Makes each list that is there the whole of its kind: what is not in it is removed, a worker's session included. Sessions that an
    /// earlier removal left, because it was cut off after the list, are ended too.
    ///
    /// # Errors
    /// [`Code::TooManyNumbers`]; as of [`ChangeNumbers::add`]. After [`Code::Unavailable`] the lists may have changed and sessions still
    /// run; the same request again ends them.
    pub async fn set(&self, user: &User, lists: &NumberLists) -> Result<(), Problem> {
        let wanted: BTreeSet<OwnedNumber> = lists.listed().collect();
        self.change(user, |owned| {
            let gone = owned.difference(&wanted).filter(|number| lists.has(number.role));
            let gone = gone.cloned().map(NumberChange::Remove);
            gone.chain(wanted.difference(owned).map(|number| self.addition(number))).collect()
        })
        .await?;
        if lists.has(Role::Worker) { self.sessions.end_of_former(user.id).await } else { Ok(()) }
    }

    /// Removes one number, a worker's session included.
    ///
    /// # Errors
    /// [`Code::NumberNotFound`]; as of [`ChangeNumbers::add`].
    pub async fn remove(&self, user: &User, number: &OwnedNumber) -> Result<(), Problem> {
        let owned = self.numbers.list(user.id).await?;
        let was_listed = owned.contains(number);
        if was_listed {
            self.change(user, |owned| {
                owned.get(number).cloned().map(NumberChange::Remove).into_iter().collect()
            })
            .await?;
        }
        // The list goes first: the other way round, a refused change would have logged a number out that stays. An earlier try may
        // have got no further than the list: then its session is still there.
        let had_session = number.role == Role::Worker && self.sessions.remove(user.id, &number.phone).await?;
        if was_listed || had_session { Ok(()) } else { Err(Code::NumberNotFound.into()) }
    }

    fn addition(&self, number: &OwnedNumber) -> NumberChange {
        NumberChange::Add(number.clone(), Shard::of_new_number(&number.phone, self.shards))
    }

    /// Makes the changes that `plan` finds for the numbers as they stand.
    async fn change(
        &self,
        user: &User,
        plan: impl Fn(&BTreeSet<OwnedNumber>) -> Vec<NumberChange>,
    ) -> Result<(), Problem> {
        let allowed = self.plans.find(&user.plan).map_or(0, |plan| plan.workers);
        for _ in 0..ATTEMPTS {
            let owned: BTreeSet<OwnedNumber> = self.numbers.list(user.id).await?.into_iter().collect();
            let changes = plan(&owned);
            if changes.is_empty() {
                return Ok(());
            }
            if changes.len() > MAX_NUMBER_CHANGES {
                let detail = format!("São no máximo {MAX_NUMBER_CHANGES} mudanças por requisição.");
                return Err(Problem::new(Code::TooManyNumbers).because(detail));
            }
            match self.numbers.apply(user.id, &changes, allowed).await {
                Ok(()) => return Ok(()),
                Err(ApplyError::Conflict) => {}
                Err(ApplyError::Taken(phone)) => {
                    let detail = format!("O número {phone} já é worker de outro usuário.");
                    return Err(Problem::new(Code::WorkerTaken).because(detail));
                }
                Err(ApplyError::TooManyWorkers) => {
                    let workers = if allowed == 1 { "worker" } else { "workers" };
                    let detail = format!("O plano {} permite no máximo {allowed} {workers}.", user.plan);
                    return Err(Problem::new(Code::PlanWorkerLimit).because(detail));
                }
                Err(ApplyError::Unavailable(error)) => return Err(error.into()),
            }
        }
        Err(Code::NumbersChanged.into())
    }
}
