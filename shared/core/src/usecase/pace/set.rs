//! Setting a number's own pace, and showing what it comes to.

use super::FindRules;
use crate::error::{Code, Problem};
use crate::pacing::{Begun, OwnPace, Pace, Rules};
use crate::phone::Phone;
use crate::usecase::Sessions;
use crate::user::User;

/// Shows and sets paces of numbers.
pub struct Pacing {
    /// The numbers and their sessions.
    pub sessions: Sessions,
    /// Finds their rules.
    pub rules: FindRules,
}

/// The pace of a number.
#[derive(Debug, Clone)]
pub struct NumberPace {
    /// What its plan has.
    pub plan: Pace,
    /// What its tenant set for it.
    pub own: OwnPace,
    /// What it keeps to: the more careful of both.
    pub rules: Rules,
    /// The chats that it began, as of today; none where it was not connected yet.
    pub begun: Option<Begun>,
}

impl Pacing {
    /// The pace of the tenant's worker.
    ///
    /// # Errors
    /// [`Code::NotYourWorker`]; [`Code::Unavailable`].
    pub async fn show(&self, user: &User, number: &Phone) -> Result<NumberPace, Problem> {
        self.sessions.claim_of(user.id, number).await?;
        let own = self.rules.paces.own(number, user.id).await?;
        self.with(user, number, own).await
    }

    /// Sets the pace of the tenant's worker in place of what was set for it, and tells its session.
    ///
    /// # Errors
    /// [`Code::InvalidPace`]; [`Code::PlanPaceLimit`] where it is bolder than the plan; [`Code::NotYourWorker`];
    /// [`Code::Unavailable`].
    pub async fn set(&self, user: &User, number: &Phone, own: OwnPace) -> Result<NumberPace, Problem> {
        own.check().map_err(|error| Problem::new(Code::InvalidPace).caused_by(error))?;
        let claim = self.sessions.claim_of(user.id, number).await?;
        own.within(&self.rules.plan(user)).map_err(|over| {
            let detail = format!("O plano {} permite no máximo {} em {}.", user.plan, over.most, over.field);
            Problem::new(Code::PlanPaceLimit).because(detail)
        })?;
        self.rules.paces.set_own(number, user.id, &own).await?;
        // A session that is not up reads it when it connects; the command would make one that has stopped for good try again.
        let link = self.sessions.links.find(number).await?.filter(|link| link.user == user.id);
        if link.is_some_and(|link| link.state.is_up()) {
            self.sessions.align(claim.shard, number, &self.sessions.unique()).await?;
        }
        self.with(user, number, own).await
    }

    async fn with(&self, user: &User, number: &Phone, own: OwnPace) -> Result<NumberPace, Problem> {
        let rules = self.rules.of_tenant(Some(user), &own);
        let today = rules.today(self.sessions.clock.now());
        let begun = self.rules.paces.begun(number).await?.map(|begun| begun.on(today));
        Ok(NumberPace { plan: self.rules.plan(user), own, rules, begun })
    }
}
