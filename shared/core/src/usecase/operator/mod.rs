//! The operator's side: the tenants, their plans, numbers and usage.
//!
//! A tenant's plan may be changed at any time, and holds within a minute: what functions remember of a tenant is younger. A plan
//! that allows less takes nothing away: workers over its limit stay and go on sending, and there are no new ones until enough
//! of them are gone; sends that were accepted under the old plan go out.

mod privacy;
#[cfg(test)]
mod tests;
mod trail;
mod usage;

pub use privacy::OperatorPrivacy;
pub use trail::{DEFAULT_AUDIT_PAGE, Trail, TrailPage};
pub use usage::{DayUsage, MAX_USAGE_DAYS, UsageReport};

use crate::audit::AuditAction;
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::{OwnedNumber, Role};
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{AccountChange, Accounts, Clock, Links, MAX_USER_PAGE, Numbers, Usage};
use crate::usecase::LinkStatus;
use crate::user::{User, ZoneName};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// How many tenants a page has when the operator does not say.
pub const DEFAULT_USER_PAGE: usize = 50;

/// What the operator may do.
#[derive(Clone)]
pub struct Operator {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Where their numbers are.
    pub numbers: Arc<dyn Numbers>,
    /// Where the links of these are.
    pub links: Arc<dyn Links>,
    /// Where it is counted what they send.
    pub usage: Arc<dyn Usage>,
    /// The plans of the deployment.
    pub plans: Arc<Plans>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where the days begin of tenants that have no zone of their own.
    pub zone: TimeZone,
    /// Where it is written what the operator does.
    pub trail: Trail,
}

/// Some tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserList {
    /// They, in the order of their ids.
    pub users: Vec<User>,
    /// What to ask with for the next ones; none after the last.
    pub next_cursor: Option<String>,
}

/// A number of a tenant, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberOfUser {
    /// The number.
    pub number: OwnedNumber,
    /// How a worker's link is; an administrator's number has none.
    pub link: Option<LinkStatus>,
}

/// What of a tenant to change, as it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The name of the plan to give it.
    pub plan: Option<String>,
    /// The time zone to give it.
    pub time_zone: Option<ZoneName>,
}

impl UserChange {
    /// As the trail tells it.
    pub fn told(&self) -> String {
        let plan = self.plan.as_ref().map(|plan| format!("plan={plan}"));
        let zone = self.time_zone.as_ref().map(|zone| format!("time_zone={}", zone.as_str()));
        [plan, zone].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Operator {
    /// Tenants in the order of their ids: the first ones, or those that follow where `cursor` tells. `limit` is 1 to
    /// [`MAX_USER_PAGE`]. A page may hold fewer while more follow.
    ///
    /// # Errors
    /// [`Code::InvalidCursor`]; [`Code::InvalidParameter`] for another limit; [`Code::Unavailable`].
    pub async fn users(&self, cursor: Option<&str>, limit: Option<usize>) -> Result<UserList, Problem> {
        let limit = limit.unwrap_or(DEFAULT_USER_PAGE);
        if !(1..=MAX_USER_PAGE).contains(&limit) {
            let detail = format!("O parâmetro limit deve estar entre 1 e {MAX_USER_PAGE}.");
            return Err(Problem::new(Code::InvalidParameter).because(detail));
        }
        let after = cursor.map(read_cursor).transpose()?;
        let page = self.accounts.page(after, limit).await?;
        Ok(UserList { users: page.users, next_cursor: page.next.map(write_cursor) })
    }

    /// A tenant.
    ///
    /// # Errors
    /// [`Code::UserNotFound`]; [`Code::Unavailable`].
    pub async fn user(&self, id: UserId) -> Result<User, Problem> {
        self.accounts.find(id).await?.ok_or_else(|| Code::UserNotFound.into())
    }

    /// Changes a tenant and answers it as it is then.
    ///
    /// # Errors
    /// [`Code::MissingParameter`] when nothing is to change; [`Code::UnknownPlan`]; [`Code::UserNotFound`];
    /// [`Code::Unavailable`].
    pub async fn change(&self, id: UserId, change: UserChange) -> Result<User, Problem> {
        if change == UserChange::default() {
            return Err(Problem::new(Code::MissingParameter).because("Envie plan, time_zone ou ambos."));
        }
        let told = change.told();
        let plan = match change.plan {
            Some(name) => Some(self.plans.parse_name(&name).ok_or(Code::UnknownPlan)?),
            None => None,
        };
        self.user(id).await?;
        self.trail.write(AuditAction::Change, id, told).await?;
        let change = AccountChange { plan, time_zone: change.time_zone, retention: None };
        self.accounts.change(id, &change).await?.ok_or_else(|| Code::UserNotFound.into())
    }

    /// A tenant's numbers, each worker with how its link is.
    ///
    /// # Errors
    /// [`Code::UserNotFound`]; [`Code::Unavailable`].
    pub async fn numbers(&self, id: UserId) -> Result<Vec<NumberOfUser>, Problem> {
        self.user(id).await?;
        let owned = self.numbers.list(id).await?;
        let workers = owned.iter().filter(|number| number.role == Role::Worker);
        let workers: Vec<Phone> = workers.map(|number| number.phone.clone()).collect();
        // A link that still is a former tenant's says nothing about this one's.
        let mut links = self.links.find_many(&workers).await?;
        links.retain(|link| link.user == id);
        let shown = |number: OwnedNumber| {
            let link = (number.role == Role::Worker)
                .then(|| LinkStatus::of(links.iter().find(|link| link.number == number.phone)));
            NumberOfUser { number, link }
        };
        Ok(owned.into_iter().map(shown).collect())
    }
}

fn write_cursor(after: UserId) -> String {
    hex::encode(after.as_bytes())
}

fn read_cursor(text: &str) -> Result<UserId, Problem> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Code::InvalidCursor)?;
    Ok(UserId::from_bytes(bytes))
}
