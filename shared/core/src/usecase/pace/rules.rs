//! Finding what a number keeps to.

use crate::ids::UserId;
use crate::pacing::{OwnPace, Pace, Rules};
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{Accounts, Paces, Unavailable};
use crate::user::User;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Finds the rules of numbers.
#[derive(Clone)]
pub struct FindRules {
    /// Where tenants are, with their plans and time zones.
    pub accounts: Arc<dyn Accounts>,
    /// Where numbers' own paces are.
    pub paces: Arc<dyn Paces>,
    /// The plans.
    pub plans: Arc<Plans>,
    /// Where the days of tenants are that have no zone of their own.
    pub zone: TimeZone,
}

impl FindRules {
    /// The rules of a number of that tenant. A tenant that is gone, or whose plan is, has the usual pace.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn of(&self, number: &Phone, user: UserId) -> Result<Rules, Unavailable> {
        let tenant = self.accounts.find(user).await?;
        self.of_found(number, user, tenant.as_ref()).await
    }

    /// The same, of a tenant that was looked for already.
    pub(crate) async fn of_found(
        &self,
        number: &Phone,
        user: UserId,
        tenant: Option<&User>,
    ) -> Result<Rules, Unavailable> {
        let own = self.paces.own(number, user).await?;
        Ok(self.of_tenant(tenant, &own))
    }

    pub(super) fn of_tenant(&self, tenant: Option<&User>, own: &OwnPace) -> Rules {
        let plan = tenant.map(|tenant| self.plan(tenant)).unwrap_or_default();
        Rules::new(&plan, own, tenant.map_or(&self.zone, |tenant| tenant.zone_or(&self.zone)))
    }

    /// The pace of a tenant's plan.
    pub(super) fn plan(&self, tenant: &User) -> Pace {
        self.plans.find(&tenant.plan).map(|plan| plan.pace).unwrap_or_default()
    }
}
