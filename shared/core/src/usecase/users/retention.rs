//! How long a tenant has what it did kept: `GET` and `PUT /v2/privacy/retention`.

use crate::error::{Code, Problem};
use crate::plan::Plans;
use crate::ports::{AccountChange, Accounts};
use crate::retention::RetentionDays;
use crate::user::User;
use std::sync::Arc;

/// Shows tenants for how long what they do is kept, and lets them choose less.
pub struct ChooseRetention {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// The plans.
    pub plans: Arc<Plans>,
}

/// For how long what a tenant does is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionChoice {
    /// Sends and messages.
    pub days: RetentionDays,
    /// Copies of received files, in days.
    pub file_days: u16,
    /// The most that its plan has.
    pub plan_days: RetentionDays,
}

impl ChooseRetention {
    /// As it is.
    pub fn show(&self, tenant: &User) -> RetentionChoice {
        RetentionChoice {
            days: self.plans.retention_of(tenant),
            file_days: self.plans.file_retention_of(tenant).days(),
            plan_days: self.of_plan(tenant),
        }
    }

    /// Has what the tenant does from now on kept for so many days. What is stored already stays for as long as it was to.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`] for fewer than [`RetentionDays::MIN`] or more than its plan has; [`Code::Unauthenticated`] if the
    /// tenant is gone; [`Code::Unavailable`].
    pub async fn choose(&self, tenant: &User, days: i64) -> Result<RetentionChoice, Problem> {
        let most = self.of_plan(tenant);
        let chosen = u16::try_from(days).ok().and_then(|days| RetentionDays::try_from(days).ok());
        let Some(chosen) = chosen.filter(|chosen| *chosen <= most) else {
            let (least, most) = (RetentionDays::MIN.days(), most.days());
            let detail = format!(
                "O parâmetro days deve estar entre {least} e {most}, o máximo do plano {}.",
                tenant.plan
            );
            return Err(Problem::new(Code::InvalidParameter).because(detail));
        };
        let change = AccountChange { retention: Some(chosen), ..AccountChange::default() };
        let changed = self.accounts.change(tenant.id, &change).await?.ok_or(Code::Unauthenticated)?;
        Ok(self.show(&changed))
    }

    fn of_plan(&self, tenant: &User) -> RetentionDays {
        self.plans.find(&tenant.plan).map(|plan| plan.retention_days).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MemoryAccounts, tenant};

    #[tokio::test]
    async fn a_tenant_may_choose_no_more_than_its_plan_and_no_less_than_a_week() {
        let plans = r#"{"basico":{"media_types":["text"],"workers":1,"default":true,"retention_days":90}}"#;
        let ana = tenant(1, None);
        let accounts = Arc::new(MemoryAccounts::of(ana.clone()));
        let choose =
            ChooseRetention { accounts: accounts.clone(), plans: Arc::new(Plans::from_json(plans).unwrap()) };
        let shown = |choice: RetentionChoice| (choice.days.days(), choice.file_days, choice.plan_days.days());
        assert_eq!(shown(choose.show(&ana)), (90, 30, 90));
        for days in [0, 6, 91, 65_536 + 30, -1, i64::MIN, i64::MAX] {
            assert_eq!(choose.choose(&ana, days).await.unwrap_err().code(), Code::InvalidParameter, "{days}");
        }
        assert_eq!(shown(choose.choose(&ana, 7).await.unwrap()), (7, 7, 90));
        let now = accounts.find(ana.id).await.unwrap().unwrap();
        assert_eq!(shown(choose.show(&now)), (7, 7, 90));
        assert_eq!(shown(choose.choose(&now, 90).await.unwrap()), (90, 30, 90));
        let gone = tenant(2, None);
        assert_eq!(choose.choose(&gone, 30).await.unwrap_err().code(), Code::Unauthenticated);
        accounts.switch.fail();
        assert_eq!(choose.choose(&ana, 30).await.unwrap_err().code(), Code::Unavailable);
    }
}
