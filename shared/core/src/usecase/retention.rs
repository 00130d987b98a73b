//! Finding for how long what a tenant does is kept.

use super::recent::Recent;
use crate::ids::UserId;
use crate::plan::Plans;
use crate::ports::{Accounts, Clock, Unavailable};
use crate::retention::RetentionDays;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// For how long an answer is believed: a tenant may choose other days and nobody tells.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_mins(5);

/// Finds for how long what tenants do is kept, and remembers it for five minutes.
pub struct FindRetention {
    accounts: Arc<dyn Accounts>,
    plans: Arc<Plans>,
    clock: Arc<dyn Clock>,
    known: Recent<UserId, RetentionDays>,
}

impl FindRetention {
    /// Wires it up.
    pub fn new(accounts: Arc<dyn Accounts>, plans: Arc<Plans>, clock: Arc<dyn Clock>) -> Self {
        Self { accounts, plans, clock, known: Recent::new(BELIEVED_FOR) }
    }

    /// The time that retention is reckoned by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The days of a tenant. What comes yet of one that is gone is kept for the fewest.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn of(&self, user: UserId) -> Result<RetentionDays, Unavailable> {
        let now = self.clock.now();
        if let Some(days) = self.known.get(&user, now) {
            return Ok(days);
        }
        let tenant = self.accounts.find(user).await?;
        let days = tenant.map_or(RetentionDays::MIN, |tenant| self.plans.retention_of(&tenant));
        self.known.remember(user, days, now);
        Ok(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::AccountChange;
    use crate::testing::{ManualClock, MemoryAccounts, tenant};

    #[tokio::test]
    async fn a_choice_is_known_within_minutes() {
        let plans = r#"{"basico":{"media_types":["text"],"workers":1,"default":true,"retention_days":90}}"#;
        let (accounts, clock) = (Arc::<MemoryAccounts>::default(), Arc::<ManualClock>::default());
        let find =
            FindRetention::new(accounts.clone(), Arc::new(Plans::from_json(plans).unwrap()), clock.clone());
        let ana = tenant(1, None);
        accounts.create(&ana).await.unwrap();
        assert_eq!(find.of(ana.id).await.unwrap().days(), 90);
        assert_eq!(find.of(tenant(2, None).id).await, Ok(RetentionDays::MIN));
        let change = AccountChange { retention: Some(30.try_into().unwrap()), ..AccountChange::default() };
        accounts.change(ana.id, &change).await.unwrap();
        accounts.switch.fail();
        assert_eq!(find.of(ana.id).await.unwrap().days(), 90, "it is remembered");
        clock.advance(BELIEVED_FOR);
        assert!(find.of(ana.id).await.is_err());
        accounts.switch.recover();
        assert_eq!(find.of(ana.id).await.unwrap().days(), 30);
    }
}
