//! Personal data of a tenant, exported and erased for it by the operator.

use super::Trail;
use crate::audit::AuditAction;
use crate::error::{Code, Problem};
use crate::ids::{PrivacyId, UserId};
use crate::phone::Phone;
use crate::ports::Accounts;
use crate::privacy::{About, PrivacyDetails};
use crate::usecase::{AskPrivacy, FindPrivacy, RemoveUser};
use crate::user::User;
use std::sync::Arc;

/// What the operator may do with the personal data of tenants: what they may do themselves, for those who ask it to. It is the
/// same operation, so a tenant sees it too.
pub struct OperatorPrivacy {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// What takes exports and erasures.
    pub ask: Arc<AskPrivacy>,
    /// What tells how far they are.
    pub find: Arc<FindPrivacy>,
    /// What removes accounts.
    pub remove: Arc<RemoveUser>,
    /// Where it is written what the operator does.
    pub trail: Trail,
}

impl OperatorPrivacy {
    /// Has everything written to a file that a tenant keeps of a person, or that it has itself.
    ///
    /// # Errors
    /// [`Code::UserNotFound`]; [`Code::Unavailable`].
    pub async fn export(&self, id: UserId, about: About) -> Result<PrivacyDetails, Problem> {
        let user = self.user(id).await?;
        self.trail.write(AuditAction::Export, user.id, about.told()).await?;
        Ok(self.ask.export(user.id, about).await?.for_operator())
    }

    /// Has everything erased that a tenant keeps of a person.
    ///
    /// # Errors
    /// [`Code::UserNotFound`]; as of [`AskPrivacy::erase_person`].
    pub async fn erase_person(&self, id: UserId, person: Phone) -> Result<PrivacyDetails, Problem> {
        let user = self.user(id).await?;
        self.ask.check_person(user.id, &person).await?;
        let about = About::Person(person.clone());
        self.trail.write(AuditAction::Erase, user.id, about.told()).await?;
        Ok(self.ask.erase_person(user.id, person).await?.for_operator())
    }

    /// Removes an account and has everything erased that was its own.
    ///
    /// # Errors
    /// [`Code::UserNotFound`]; [`Code::NumbersChanged`], [`Code::Unavailable`], after which it is to be asked again.
    pub async fn erase_tenant(&self, id: UserId) -> Result<PrivacyDetails, Problem> {
        let user = self.user(id).await?;
        self.trail.write(AuditAction::Remove, user.id, String::new()).await?;
        Ok(self.remove.remove_for_operator(&user).await?.for_operator())
    }

    /// An operation whosever it is, also when its tenant is erased. That the operator was given the address of a file is written
    /// each time.
    ///
    /// # Errors
    /// [`Code::PrivacyNotFound`]; [`Code::Unavailable`].
    pub async fn operation(&self, id: PrivacyId) -> Result<PrivacyDetails, Problem> {
        let (user, details) = self.find.of_anyone(id).await?;
        if let Some(user) = user.filter(|_| details.has_address()) {
            self.trail.write(AuditAction::Read, user, format!("operation={id}")).await?;
        }
        Ok(details.for_operator())
    }

    async fn user(&self, id: UserId) -> Result<User, Problem> {
        self.accounts.find(id).await?.ok_or_else(|| Code::UserNotFound.into())
    }
}
