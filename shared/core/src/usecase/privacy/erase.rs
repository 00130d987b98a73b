//! An erasure.

use super::ask::AFTER_REMOVAL;
use super::run::{Run, Stop};
use crate::privacy::{About, PrivacyFailure, PrivacyScope};
use jiff::SignedDuration;
use std::time::Duration;

/// How long an account may take to be removed. Until then the client may try again.
const REMOVAL: SignedDuration = SignedDuration::from_hours(1);
/// How often it is looked whether the account is removed, and whether its sessions are.
const LOOK: Duration = Duration::from_secs(20);
/// How long sessions may take to be logged out and erased: that needs a session task that runs.
const SESSIONS: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Run<'_> {
    pub(super) async fn erase(&mut self, scope: &PrivacyScope) -> Result<(), Stop> {
        if self.work.about == About::Tenant && self.work.cursor.is_none() {
            self.wait_for_the_end_of(scope).await?;
        }
        while !self.work.read_all {
            let page = self.on.personal.erase(scope, self.work.cursor.as_deref()).await?;
            for (kind, records) in page.erased {
                self.operation.count(kind, records);
            }
            self.work.read_all = page.next.is_none();
            self.work.cursor = page.next;
            self.operation.attempts = 0;
            self.save().await?;
            if self.is_over() && !self.work.read_all {
                return Err(Stop::Time);
            }
        }
        Ok(())
    }

    /// Until the account of a tenant is removed, and its sessions with what they knew: nothing of it comes after that.
    async fn wait_for_the_end_of(&self, scope: &PrivacyScope) -> Result<(), Stop> {
        let age = self.on.clock.now().duration_since(self.operation.created_at);
        if self.on.accounts.find(scope.user).await?.is_some() {
            return Err(match age > REMOVAL {
                true => Stop::Failed(PrivacyFailure::NotRemoved),
                false => Stop::Wait(LOOK),
            });
        }
        let least = SignedDuration::try_from(AFTER_REMOVAL).unwrap_or_default();
        if let Ok(left) = Duration::try_from(least - age)
            && !left.is_zero()
        {
            return Err(Stop::Wait(left));
        }
        for some in scope.numbers.chunks(100) {
            let links = self.on.links.find_many(some).await?;
            if links.iter().any(|link| link.user == scope.user) {
                return Err(match age > SESSIONS {
                    true => Stop::Failed(PrivacyFailure::GaveUp),
                    false => Stop::Wait(LOOK),
                });
            }
        }
        Ok(())
    }
}
